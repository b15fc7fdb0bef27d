// How well a set of rules finds the examples: what the conformance lane asks of ours and of gitleaks' on the same text.

import type { SeekSecrets } from "../rule.ts";
import type { Negative } from "./negatives.ts";
import type { Positive } from "./positives.ts";

export interface Score {
  /** Of the positives: how many had a hit that covers at least half of the secret. */
  readonly found: number;
  readonly positives: number;
  /** Of the negatives: how many had any hit. */
  readonly wrong: number;
  readonly negatives: number;
  readonly recall: number;
  /** Texts rightly named, of all texts named. */
  readonly precision: number;
  /** By the rule that should have found it. */
  readonly missed: Readonly<Record<string, number>>;
  /** By kind of negative, and the rule that was wrong. */
  readonly mistaken: Readonly<Record<string, number>>;
}

export function measure(seek: SeekSecrets, good: readonly Positive[], bad: readonly Negative[]): Score {
  const missed: Record<string, number> = {};
  const mistaken: Record<string, number> = {};
  let [found, wrong] = [0, 0];
  for (const { rule, text, from, to } of good) {
    const covered = seek(text).some((hit) => 2 * (Math.min(hit.to, to) - Math.max(hit.from, from)) >= to - from);
    if (covered) found += 1;
    else missed[rule] = (missed[rule] ?? 0) + 1;
  }
  for (const { kind, text } of bad) {
    const [hit] = seek(text);
    if (hit === undefined) continue;
    wrong += 1;
    mistaken[`${kind}: ${hit.rule}`] = (mistaken[`${kind}: ${hit.rule}`] ?? 0) + 1;
  }
  return {
    found,
    positives: good.length,
    wrong,
    negatives: bad.length,
    recall: good.length === 0 ? 1 : found / good.length,
    precision: found + wrong === 0 ? 1 : found / (found + wrong),
    missed,
    mistaken,
  };
}
