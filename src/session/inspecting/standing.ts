// What a placeholder stands for: what stood in the file or text a secret was read from, so that written back it is what it was. A call's
// arguments and what some tools wrap their output in are JSON around that, whose escapes are not its own. *Attacker-controlled*: a
// text is taken apart once, within the bounds of a body's JSON, however many secrets stand in it.

import type { Span } from "../../domain/span.ts";
import { unescapeString } from "../../inspection/open/open.ts";
import { readJson } from "../../protocol/json/reader.ts";
import { kind as kinds } from "../../protocol/json/tree.ts";

/** Members in which tools that answer with an object put a text that they have read or printed. */
const wrappers: ReadonlySet<string> = new Set(["output", "stdout", "stderr", "content", "result", "text", "error"]);

/** From and to in UTF-16 units of the span's text, asked for in rising order. */
export type StandsFor = (from: number, to: number) => string;

export function openStanding({ role, kind, text }: Pick<Span, "role" | "kind" | "text">): StandsFor {
  const isJson = /^\s*[{[]/.test(text);
  let isWrapped: ReturnType<typeof openWrapped> | undefined;
  return (from, to) => {
    const written = text.slice(from, to);
    if (!isJson || !written.includes("\\")) return written;
    if (role === "call") return kind === "text" ? unescapeString(written) : written;
    if (role !== "result") return written;
    isWrapped ??= openWrapped(text);
    return isWrapped(from, to) ? unescapeString(written) : written;
  };
}

/** Does it stand within a text that a tool put into the object it answers with? */
function openWrapped(text: string): (from: number, to: number) => boolean {
  const read = readJson(Buffer.from(text));
  if (read.kind !== "json" || read.tree.kindOf(0) !== kinds.object) return () => false;
  const { tree } = read;
  const inner = [...tree.below(0)]
    .filter((at) => tree.kindOf(at) === kinds.string && wrappers.has(tree.keyOf(at) ?? ""))
    .map((at) => tree.placeOf(at));
  let [unit, octet, next] = [0, 0, 0];
  return (from, to) => {
    octet += Buffer.byteLength(text.slice(unit, from));
    unit = from;
    const end = octet + Buffer.byteLength(text.slice(from, to));
    while (next < inner.length && (inner[next]?.to ?? 0) < end) next += 1;
    return (inner[next]?.from ?? Infinity) <= octet;
  };
}
