// The closed vocabularies an entry may use: what a room hands over enters, the reason it is refused leaves, if there is
// one. The leaf's own form (leaf.ts) is wider, so that later vocabularies need no new format.

import type { Counts, Entry } from "../domain/entry.ts";
import { countLabels, entryKinds, measures } from "../domain/entry.ts";
import type { Purpose } from "../domain/reach.ts";
import type { VerdictKind } from "../domain/verdict.ts";
import { isRule } from "./leaf.ts";
import { countKeys } from "./limits.ts";

const kinds: ReadonlySet<string> = new Set(entryKinds);
const verdicts = words<VerdictKind>({ allow: 0, redact: 0, ask: 0, reroute: 0, refuse: 0 });
const purposes = words<Purpose>({
  inference: 0,
  login: 0,
  telemetry: 0,
  flags: 0,
  update: 0,
  registry: 0,
  published: 0,
  other: 0,
});

/** A word missing from such a table is a type error, so the vocabularies cannot drift from the domain's. */
function words<Word extends string>(table: Readonly<Record<Word, 0>>): ReadonlySet<string> {
  return new Set(Object.keys(table));
}

const counted: ReadonlySet<string> = new Set<string>(
  measures.flatMap((measure) => [measure, ...countLabels.map((label) => `${measure}.${label}`)]),
);

const members: ReadonlySet<string> = new Set(["kind", "verdict", "rule", "purpose", "counts", "sealed"]);

/** Why this entry may not be written, or undefined where it may. Never quotes a value: it may be what must not be told. */
export function objectionTo(entry: Entry): string | undefined {
  if (Object.keys(entry).some((key) => !members.has(key))) return "it has a member that no entry has";
  if (!kinds.has(entry.kind)) return "its kind is not one of the ledger's";
  if (entry.verdict !== undefined && !verdicts.has(entry.verdict)) return "its verdict is not one of the five";
  if (entry.purpose !== undefined && !purposes.has(entry.purpose)) return "its purpose is not one of the policy's";
  if (entry.rule !== undefined && !isRule(entry.rule)) return "its rule is not written as a rule's id";
  return objectionToCounts(entry.counts ?? {});
}

function objectionToCounts(counts: Counts): string | undefined {
  const pairs = Object.entries(counts);
  if (pairs.length > countKeys) return "it counts too many things";
  if (pairs.some(([key]) => !counted.has(key))) return "it counts something outside the closed set of counts";
  if (pairs.some(([, value]) => !Number.isSafeInteger(value) || value < 0)) return "a count is not a whole number";
  return undefined;
}
