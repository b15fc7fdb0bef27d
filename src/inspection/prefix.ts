// How many spans two bodies have in common from the beginning: the very same ones. Asked by several of the same two, and gone through once.

import type { Span } from "../domain/span.ts";

interface Asked {
  readonly before: readonly Span[];
  readonly same: number;
}

const asked = new WeakMap<readonly Span[], Asked>();

/** Nobody may change either from here on. */
export function sameFrom(before: readonly Span[], now: readonly Span[]): number {
  const known = asked.get(now);
  if (known?.before === before) return known.same;
  let same = 0;
  while (same < now.length && before[same] === now[same]) same += 1;
  asked.set(now, { before, same });
  return same;
}
