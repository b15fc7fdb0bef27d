// Bounds that everything inside together ran into: each an entry, so that what failed there for want of memory is not taken for
// the tool's own doing.

import type { Watch } from "../boundary/contract.ts";
import { type Bound, type Reached, sayBound } from "../domain/bound.ts";
import type { Append } from "../domain/entry.ts";

export interface BoundsReached extends Pick<Watch, "bounded"> {
  readonly all: () => readonly Reached[];
}

export function openBoundsReached(append: Append): BoundsReached {
  const known = new Map<Bound, number>();
  return {
    all: () => [...known].map(([bound, times]) => ({ bound, times })),
    bounded: async ({ bound, times }) => {
      const before = known.get(bound) ?? 0;
      if (times <= before) return;
      known.set(bound, times);
      const counts = { refusals: times - before };
      await append({
        kind: "bound",
        verdict: "refuse",
        rule: `bound-${bound}`,
        counts,
        sealed: { why: sayBound(bound) },
      });
    },
  };
}
