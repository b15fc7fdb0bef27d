// The judgement of a round, from outside: what the world saw, what the record holds, what is left on the machine. Each
// thing that must not be is one sentence.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { openRecord } from "../../src/ledger/record.ts";
import { verify } from "../../src/ledger/verify.ts";
import type { Seen } from "../journeys/outside-listener.ts";
import { deafHost, granted } from "./place.ts";

export interface Recorded {
  readonly size: number;
  /** Targets of the requests whose intent is in it. */
  readonly intents: ReadonlySet<string>;
  readonly kinds: Readonly<Record<string, number>>;
  /** Exit codes of sessions that ended. */
  readonly stops: readonly number[];
}

const nothing: Recorded = { size: 0, intents: new Set(), kinds: {}, stops: [] };

/** False until the first head of a record was signed: killed before, it is begun by the next session. */
export const hasRecord = (state: string): boolean => headNow(state) !== undefined;

/** The newest signed head, as a person would keep it elsewhere; undefined where there is none yet. */
export function headNow(state: string): string | undefined {
  if (!existsSync(join(state, "record/record.db"))) return undefined;
  try {
    using record = openRecord(state);
    return record.head()?.checkpoint;
  } catch {
    // it is being made
    return undefined;
  }
}

export function readRecord(state: string): Recorded {
  if (!hasRecord(state)) return nothing;
  using record = openRecord(state);
  const [intents, stops]: [Set<string>, number[]] = [new Set(), []];
  const kinds: Record<string, number> = {};
  for (const { leaf, sealed } of record.entries()) {
    kinds[leaf.kind] = (kinds[leaf.kind] ?? 0) + 1;
    if (leaf.kind === "request" && typeof sealed === "object") intents.add(String(sealed["target"]));
    if (leaf.kind === "session.stop") stops.push(leaf.counts["exit-code"] ?? -1);
  }
  return { size: record.size(), intents, kinds, stops };
}

/** What is wrong with the record, also against a head kept before. */
export async function checkRecord(state: string, head: string | undefined): Promise<readonly string[]> {
  if (!hasRecord(state)) return head === undefined ? [] : ["lost: the record is gone"];
  const result = await verify(state, { head, contents: true });
  if (result.kind === "ok") return [];
  const lost = result.sentence.includes("head kept elsewhere") || result.sentence.includes("signed");
  return [`${lost ? "lost" : "unverified"}: ${result.sentence}`];
}

/** Whatever the world outside saw that the record does not answer for. */
export function unguarded(seen: readonly Seen[], { intents }: Recorded): readonly string[] {
  return seen.flatMap((one) => {
    const why = complainOf(one, intents);
    return why === undefined ? [] : [`unguarded: ${why}`];
  });
}

function complainOf(one: Seen, intents: ReadonlySet<string>): string | undefined {
  switch (one.kind) {
    case "request":
      return intents.has(one.target) ? undefined : `${one.target} left and is not in the record`;
    case "connection":
      return one.ip === granted.ip && one.port === 443 ? undefined : `a connection to ${one.ip}:${one.port}`;
    case "question":
      return one.name === deafHost ? undefined : `a question for ${one.name}`;
    case "datagram":
      return `a datagram to port ${one.port}`;
  }
}
