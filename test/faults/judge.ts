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
  /** Target → how many requests' intents are in it. */
  readonly intents: ReadonlyMap<string, number>;
  readonly kinds: Readonly<Record<string, number>>;
  /** Exit codes of sessions that ended. */
  readonly stops: readonly number[];
}

const nothing: Recorded = { size: 0, intents: new Map(), kinds: {}, stops: [] };

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
  const [intents, stops]: [Map<string, number>, number[]] = [new Map(), []];
  const kinds: Record<string, number> = {};
  for (const { leaf, sealed } of record.entries()) {
    kinds[leaf.kind] = (kinds[leaf.kind] ?? 0) + 1;
    if (leaf.kind === "request" && typeof sealed === "object") count(intents, String(sealed["target"]));
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
export function unguarded(
  seen: readonly Seen[],
  askedByAgent: readonly string[],
  { intents }: Recorded,
): readonly string[] {
  const left = new Map<string, number>();
  for (const target of askedByAgent) count(left, target);
  for (const one of seen) if (one.kind === "request") count(left, one.target);
  const requests = [...left].flatMap(([target, times]) => {
    const recorded = intents.get(target) ?? 0;
    return times <= recorded ? [] : [`${target} left ${times} times and is in the record ${recorded} times`];
  });
  return [...requests, ...seen.flatMap((one) => complainOf(one) ?? [])].map((why) => `unguarded: ${why}`);
}

function count(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

function complainOf(one: Seen): string | undefined {
  switch (one.kind) {
    case "request":
      return undefined;
    case "connection":
      return one.ip === granted.ip && one.port === 443 ? undefined : `a connection to ${one.ip}:${one.port}`;
    case "question":
      return one.name === deafHost ? undefined : `a question for ${one.name}`;
    case "datagram":
      return `a datagram to port ${one.port}`;
  }
}
