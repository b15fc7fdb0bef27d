// What a request says around its body: its target, and headers and trailers but those that credentials belong into. Nothing can be taken out there, so what is
// found is refused like it. Values that are known count wherever they stand in a target; what only a rule finds does not where servers
// put capabilities of their own (`?token=`, `?jwt=`, a presigned URL). *Attacker-controlled*, and bounded.

import type { RequestHead } from "../../domain/exchange.ts";
import { type ContentFinding, inTarget, type Redaction } from "../../domain/inspection.ts";
import type { SeekText, Seen } from "../../inspection/inspect.ts";
import type { Names } from "./names.ts";

export interface Heads {
  readonly look: (head: RequestHead, trailers?: readonly string[]) => readonly ContentFinding[];
}

const bounds = {
  /** Texts of heads that are remembered: most are in every request. */
  remembered: 5_000,
  /** Characters of one that is. */
  rememberedLength: 1_000,
  /** Of a target: what is sought by rules in further parameters is not. */
  parts: 1_000,
  /** Findings told of one head. */
  findings: 50,
} as const;

/** By name: where a credential of its own is expected. What the session puts in itself is judged by the gateway. */
const credentials = /auth|cookie|token|secret|signature|credential|passw|api-?key|(?:^|[-_])key$/i;
/** Named like one, and none. */
const others = /^idempotency-key$/i;
/** In a query: a capability that a server gave. */
const capabilities =
  /^(?:.*[-_])?(?:jwt|sig|signature|token|key|apikey|auth|credential|policy|code|state|hash|hmac|hdnea)$/i;

export function openHeads(seek: SeekText, names: Names): Heads {
  const known = new Map<string, readonly Seen[]>();
  const secretsIn = (text: string): readonly Seen[] => {
    const before = known.get(text);
    if (before !== undefined) return before;
    const found = seek(text).filter((seen) => isSecret(seen, text));
    if (known.size >= bounds.remembered) known.clear();
    if (text.length <= bounds.rememberedLength) known.set(text, found);
    return found;
  };
  const told = (text: string, path: string): ContentFinding[] =>
    secretsIn(text).map((seen) => ({ ...seen, role: "structure", path }));
  const ofFields = (what: "header" | "trailer", fields: readonly string[]): ContentFinding[] =>
    fields.flatMap((text, at) => {
      const isName = at % 2 === 0;
      const name = isName ? text : (fields[at - 1] ?? "");
      if (!isName && what === "header" && credentials.test(name) && !others.test(name)) return [];
      return told(textOf(text), names.ofPath(`(${what} ${name.toLowerCase()})`));
    });
  return {
    look: (head, trailers = []) => {
      const target = textOf(head.target);
      const whole = told(target, inTarget).filter(({ sure }) => sure === "known");
      const ruled = partsOf(target).flatMap(({ text, at }) =>
        told(text, inTarget).flatMap((one) =>
          one.sure === "known" ? [] : [{ ...one, from: one.from + at, to: one.to + at }],
        ),
      );
      return [...whole, ...ruled, ...ofFields("header", head.headers), ...ofFields("trailer", trailers)].slice(
        0,
        bounds.findings,
      );
    },
  };
}

/** Octets as they stand on the wire, in what nearly everybody means by them. */
const textOf = (latin: string): string =>
  /[\x80-\xff]/.test(latin) ? Buffer.from(latin, "latin1").toString("utf8") : latin;

/** A guess is none; nor is a word that somebody chose for a password and that a path may well have. */
function isSecret({ kind, sure, within, from, to }: Seen, text: string): boolean {
  if (kind !== "secret" || sure === "generic") return false;
  if (sure !== "known" || within !== undefined) return true;
  const value = text.slice(from, to);
  return value.length >= 16 || (/\d/.test(value) && /[A-Za-z]/.test(value));
}

/** Its path, and its parameters but those that hold a capability. */
function partsOf(target: string): readonly { readonly text: string; readonly at: number }[] {
  const parts: { text: string; at: number }[] = [];
  let at = 0;
  for (const text of target.split(/[?&]/)) {
    if (at === 0 || !capabilities.test(text.split("=", 1)[0] ?? "")) parts.push({ text, at });
    at += text.length + 1;
  }
  return parts.slice(0, bounds.parts);
}

/** With those of the body, if any: neither leaves. */
export function withHead(redaction: Redaction | undefined, inHead: readonly ContentFinding[]): Redaction | undefined {
  const [first] = inHead;
  if (first === undefined) return redaction;
  const part = { kind: "secret", rule: "built-in:secrets", count: inHead.length } as const;
  const place = first.path;
  const impossible = `one stands where nothing can be taken out: ${place}`;
  return { parts: [part, ...(redaction?.parts ?? [])], impossible, body: undefined };
}
