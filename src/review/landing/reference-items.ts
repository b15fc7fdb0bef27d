// Branches and heads as they are shown: each commit with what it changes. A content that is shown already, with a file or
// with another commit, is not shown once more; everything else that would come over is.

import { Fault } from "../../domain/fault.ts";
import type { GitPlace, ReviewFault } from "../git.ts";
import { limits } from "../limits.ts";
import type { StagedCopy } from "../staged/record.ts";
import type { CommitChange } from "./commits.ts";
import { type ContentPair, differencesOf } from "./differences.ts";
import { type Bound, digestOf } from "./digest.ts";
import type { Difference } from "./hunks.ts";
import { openReader } from "./reader.ts";
import type { ReferenceEffect } from "./references.ts";

export interface ReferenceItem extends ReferenceEffect, Bound {
  /** Of each of its commits' changes, in their order; undefined: shown elsewhere, or no content. */
  readonly differences: readonly (readonly (Difference | undefined)[])[];
}

export async function referenceItems(
  copy: StagedCopy,
  effects: readonly ReferenceEffect[],
  shownBefore: readonly ContentPair[],
): Promise<readonly ReferenceItem[] | ReviewFault> {
  const shown = new Set(shownBefore.map(keyOf));
  const items: ReferenceItem[] = [];
  for (const effect of effects) {
    const changes = effect.commits.flatMap((commit) => commit.changes);
    const place = openReader(copy, effect.repository);
    if (place === undefined || changes.length > limits.shownChanges) {
      const why = place === undefined ? "its objects cannot be read" : "it brings more than can be shown";
      items.push(bind({ ...effect, apart: effect.apart ?? why }, []));
      continue;
    }
    const differences = await differ(place, changes, shown);
    if (differences instanceof Fault) return differences;
    for (const change of changes) shown.add(keyOf(change));
    items.push(bind(effect, differences));
  }
  return items;
}

function keyOf({ before, after }: ContentPair): string {
  return `${before} ${after}`;
}

const none: ContentPair = { before: undefined, after: undefined };

async function differ(place: GitPlace, changes: readonly CommitChange[], shown: ReadonlySet<string>) {
  const pairs = changes.map((change): ContentPair => (shown.has(keyOf(change)) ? none : change));
  return pairs.every((pair) => pair === none) ? [] : differencesOf(place, pairs);
}

/** `differences`: of all commits' changes, one after the other. */
function bind(effect: ReferenceEffect, differences: readonly (Difference | undefined)[]): ReferenceItem {
  const { id, name, before, after, commits, apart } = effect;
  const objects = commits.map(({ object }) => object);
  const digest = digestOf(["reference", id, name, before ?? null, after ?? null, objects, apart ?? null]);
  let from = 0;
  const split = commits.map(({ changes }) => {
    const own = differences.slice(from, from + changes.length);
    from += changes.length;
    return own;
  });
  return { ...effect, digest, differences: split };
}
