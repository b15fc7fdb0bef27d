// What a placeholder stands for: what stood in the file or text a secret was read from, so that written back it is what it was. A call's
// arguments and what some tools wrap their output in are JSON around that, whose escapes are not its own. *Attacker-controlled*.

import type { Span } from "../../domain/span.ts";
import { unescapeString } from "../../inspection/open/open.ts";

/** Members in which tools that answer with an object put a text that they have read or printed. */
const wrappers: ReadonlySet<string> = new Set(["output", "stdout", "stderr", "content", "result", "text", "error"]);

/** `written`: as it stands in the span's text. */
export function standsFor({ role, kind, text }: Span, written: string): string {
  if (!written.includes("\\") || !/^\s*[{[]/.test(text)) return written;
  const meant = unescapeString(written);
  if (role === "call") return kind === "text" ? meant : written;
  return role === "result" && isWrapped(text, meant) ? meant : written;
}

function isWrapped(text: string, meant: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== "object" || value === null) return false;
    return Object.entries(value).some(
      ([name, inner]) => wrappers.has(name) && typeof inner === "string" && inner.includes(meant),
    );
  } catch {
    return false;
  }
}
