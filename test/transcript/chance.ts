// Numbers made by a property test → chances, one after another.

import type { Chance } from "./agent.ts";

/** Numbers of which every one is drawn in turn; the rest are of a fixed rule. */
export function chanceOf(numbers: readonly number[]): Chance {
  let at = 0;
  let more = numbers.reduce((sum, one) => (Math.imul(sum, 31) + one) >>> 0, 7);
  return (below) => {
    at += 1;
    more = (Math.imul(more, 1_664_525) + 1_013_904_223) >>> 0;
    return ((numbers[at - 1] ?? more >>> 8) % 65_536) % below;
  };
}
