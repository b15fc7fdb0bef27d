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
  /** Of a target: what comes behind them is one. */
  parts: 1_000,
  /** Findings told of one head. */
  findings: 50,
} as const;

/** By name: where a credential of its own is expected. What the session puts in itself is judged by the gateway. */
const credentials = /auth|cookie|token|secret|signature|credential|passw|api-?key|(?:^|[-_])key$/i;
/** Named like one, and none. */
const others = /^idempotency-key$/i;
/** Known already: of whoever is connected to, and of no other (docs/spec/gateway.md §3). */
const ofHost = /^host$/i;
/** In a query: a capability that a server gave. */
const capabilities =
  /^(?:.*[-_])?(?:jwt|sig|signature|token|key|apikey|auth|credential|policy|code|state|hash|hmac|hdnea|awsaccesskeyid|accesstoken)$/i;

export function openHeads(seek: SeekText, names: Names): Heads {
  const known = new Map<string, readonly Seen[]>();
  const toldIn = (text: string): readonly Seen[] => {
    const before = known.get(text);
    if (before !== undefined) return before;
    const found = seek(text).filter((seen) => isSecret(seen, text) || isUnread(seen));
    if (known.size >= bounds.remembered) known.clear();
    if (text.length <= bounds.rememberedLength) known.set(text, found);
    return found;
  };
  const told = (text: string, path: string): ContentFinding[] =>
    toldIn(text).map((seen) => ({ ...seen, role: "structure", path }));
  const ofFields = (what: "header" | "trailer", fields: readonly string[]): ContentFinding[] =>
    fields.flatMap((text, at) => {
      const isName = at % 2 === 0;
      const name = isName ? text : (fields[at - 1] ?? "");
      if (!isName && what === "header" && isLeft(name)) return [];
      return told(textOf(text), names.ofPath(`(${what} ${name.toLowerCase()})`));
    });
  return {
    look: (head, trailers = []) => {
      const target = textOf(head.target);
      const whole = told(target, inTarget).filter((one) => !isRuled(one));
      const ruled = partsOf(target).flatMap(({ text, at }) =>
        told(text, inTarget).flatMap((one) => (isRuled(one) ? [{ ...one, from: one.from + at, to: one.to + at }] : [])),
      );
      const all = [...whole, ...ruled, ...ofFields("header", head.headers), ...ofFields("trailer", trailers)];
      // what is acted on is never beyond what is told
      return [...all.filter(isHeld), ...all.filter((one) => !isHeld(one))].slice(0, bounds.findings);
    },
  };
}

const isLeft = (name: string): boolean => ofHost.test(name) || (credentials.test(name) && !others.test(name));

/** By a rule: a secret, or that there may be more of them than it looked for. */
const isRuled = ({ kind, sure, cut }: Seen): boolean => (kind === "secret" || cut === "secret") && sure !== "known";

/** What may hold one, and was not looked into. */
const isUnread = ({ kind, cut }: Seen): boolean => kind === "closed" && (cut === undefined || cut === "secret");

/** A secret, or where there may be one that was not looked for (as in a body: redaction.ts). */
const isHeld = ({ kind, sure, cut }: Pick<Seen, "kind" | "sure" | "cut">): boolean =>
  kind === "secret" || (cut === "secret" && sure !== "generic");

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
    if (parts.length === bounds.parts - 1) return [...parts, { text: target.slice(at), at }];
    if (at === 0 || !capabilities.test(text.split("=", 1)[0] ?? "")) parts.push({ text, at });
    at += text.length + 1;
  }
  return parts;
}

/** With those of the body, if any: neither leaves. */
export function withHead(redaction: Redaction | undefined, inHead: readonly ContentFinding[]): Redaction | undefined {
  const held = inHead.filter(isHeld);
  const [first] = held;
  if (first === undefined) return redaction;
  const part = { kind: "secret", rule: "built-in:secrets", count: held.length } as const;
  const where = first.kind === "closed" ? "there may be one that was not looked for" : "one stands";
  const impossible = `${where} where nothing can be taken out: ${first.path}`;
  return { parts: [part, ...(redaction?.parts ?? [])], impossible, body: undefined };
}
