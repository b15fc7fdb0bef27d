// Two readings of the same octets → agreed, explained by a rule that stands here, or a disagreement nobody has explained.

import { ambiguity } from "../../../src/decision/request-path.ts";
import type { Seen } from "../stage.ts";

/** Whom a request is for: an absolute target's own host counts (RFC 9112 §3.2.2). */
export function hostOf({ target, host }: Pick<Seen, "target" | "host">): string {
  const named = /^https?:\/\/([^/?]*)/i.exec(target)?.[1] ?? host;
  return named.toLowerCase().replace(/:80$/, "").replace(/\.$/, "");
}

/** What is asked of that host: an absolute target without its host. */
export function localOf({ target }: Pick<Seen, "target">): string {
  const local = target.replace(/^https?:\/\/[^/?]*/i, "");
  return local === target || local.startsWith("/") ? local : `/${local}`;
}

export function isSame(one: Seen, other: Seen): boolean {
  return (
    one.method === other.method &&
    one.size === other.size &&
    hostOf(one) === hostOf(other) &&
    localOf(one) === localOf(other)
  );
}

/** How many of the first both read alike. */
function alike(ours: readonly Seen[], theirs: readonly Seen[]): number {
  let count = 0;
  for (const [at, one] of ours.entries()) {
    const other = theirs[at];
    if (other === undefined || !isSame(one, other)) break;
    count += 1;
  }
  return count;
}

/** All of ours are among theirs, in their order. */
function isWithin(ours: readonly Seen[], theirs: readonly Seen[]): boolean {
  let at = 0;
  for (const other of theirs) {
    const one = ours[at];
    if (one !== undefined && isSame(one, other)) at += 1;
  }
  return at === ours.length;
}

export interface Pair {
  /** What we let out. */
  readonly ours: readonly Seen[];
  readonly theirs: readonly Seen[];
  /** Rules by which we refused something. */
  readonly refused: readonly string[];
  /** Our last answer says that it is the last. */
  readonly closed: boolean;
  /** What was said, Latin-1. */
  readonly bytes: string;
}

interface Explanation {
  readonly name: string;
  readonly because: string;
  readonly holds: (pair: Pair) => boolean;
}

/** In this order; the first that holds is the one that is told. */
export const explanations: readonly Explanation[] = [
  {
    name: "alike",
    because: "both read the same requests, and nothing else",
    holds: ({ ours, theirs }) => ours.length === theirs.length && alike(ours, theirs) === ours.length,
  },
  {
    name: "we are stricter",
    because:
      "up to where we refuse both read the same; what we refuse goes nowhere, so nobody behind us can read it in any way",
    holds: ({ ours, theirs, refused }) => refused.length > 0 && alike(ours, theirs) === ours.length,
  },
  {
    name: "we refuse one",
    because:
      "a request that both read alike goes nowhere for its content (a coding that it does not have); what follows on the connection is read alike again",
    holds: ({ ours, theirs, refused }) =>
      refused.length > 0 &&
      refused.every((rule) => rule === "built-in:unreadable") &&
      theirs.length - ours.length <= refused.length &&
      isWithin(ours, theirs),
  },
  {
    name: "they are stricter",
    because:
      "up to where they refuse both read the same; what we send in its place is read alike by all of them (see behind us)",
    holds: ({ ours, theirs }) => theirs.length < ours.length && alike(ours, theirs) === theirs.length,
  },
  {
    name: "we close",
    because:
      "our last answer says that the connection ends (behind an offer of another protocol): what follows is read by nobody",
    holds: ({ ours, theirs, closed }) => closed && ours.length < theirs.length && alike(ours, theirs) === ours.length,
  },
  {
    name: "we wait",
    because:
      "behind an offer of another protocol our parser keeps quiet about chunks that it cannot read: none of that request leaves, and the deadline ends it (dialogue.test.ts)",
    holds: ({ ours, theirs, refused, bytes }) =>
      refused.length === 0 &&
      theirs.length === ours.length + 1 &&
      alike(ours, theirs) === ours.length &&
      /^upgrade:/im.test(bytes) &&
      /^transfer-encoding:[ \t]*chunked[ \t]*\r?$/im.test(bytes),
  },
  {
    name: "they read HTTP/0.9",
    because:
      "a line without a version is a whole request of HTTP/0.9 to them; to us it begins a head that has not ended, of which nothing leaves",
    holds: ({ ours, theirs, bytes }) =>
      theirs.length === ours.length + 1 && alike(ours, theirs) === ours.length && isUnended(theirs.at(-1), bytes),
  },
];

/** Nothing behind its line ends a head. */
function isUnended(last: Seen | undefined, bytes: string): boolean {
  if (last?.method !== "GET" || last.size !== 0) return false;
  const line = last.host === "" ? `GET ${last.target}` : `GET http://${last.host}${last.target}`;
  const at = bytes.lastIndexOf(line);
  const rest = at < 0 ? "" : bytes.slice(at + line.length);
  return /^\r?\n/.test(rest) && !/\n\r?\n/.test(rest);
}

export function explain(pair: Pair): string | undefined {
  return explanations.find(({ holds }) => holds(pair))?.name;
}

/** Behind us there is no explanation but one: whoever refuses what it is known to refuse has read nothing else in it. */
export function isFaithful(
  judged: readonly Seen[],
  read: readonly Seen[],
  refuses: (request: Seen) => boolean = () => false,
): "alike" | "they refuse" | undefined {
  if (alike(judged, read) !== read.length) return undefined;
  const next = judged[read.length];
  if (next === undefined) return "alike";
  return refuses(next) ? "they refuse" : undefined;
}

/** A reader that decodes and joins, where no rule on paths calls the path ambiguous. */
export function isSamePath(judged: Seen, decoded: string): boolean {
  const path = localOf(judged).split("?", 1)[0] ?? "";
  if (ambiguity(path) !== undefined) return true;
  const plain = path.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return plain === decoded;
}
