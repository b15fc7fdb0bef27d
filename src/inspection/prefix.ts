// How many spans two bodies have in common from the beginning: the very same ones. Asked by several of the same two, and gone through once.

import type { Span } from "../domain/span.ts";

interface Asked {
  readonly before: readonly Span[];
  readonly now: readonly Span[];
  readonly same: number;
}

/** Of the last two alone: whatever kept more would keep all bodies there ever were, each by the one behind it. */
let asked: Asked | undefined;

/** Nobody may change either from here on. */
export function sameFrom(before: readonly Span[], now: readonly Span[]): number {
  if (asked?.before === before && asked.now === now) return asked.same;
  let same = 0;
  while (same < now.length && before[same] === now[same]) same += 1;
  asked = { before, now, same };
  return same;
}
