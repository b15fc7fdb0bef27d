// Text that does not show → what would be written in its place by whoever means nothing by it: nothing, a plain space, the letter
// that a look-alike is taken for. Out: changes, in order, which do not overlap. What ordinary writing needs stays.

import { insteadOf } from "./instead.ts";
import { marksIn } from "./seek.ts";

export interface Plain {
  /** UTF-16 units. */
  readonly from: number;
  readonly to: number;
  readonly by: string;
}

export function plainly(text: string): readonly Plain[] {
  const changes = new Map<number, Plain>();
  for (const [kind, marks] of marksIn(text))
    for (const { at, point } of marks) {
      const letter = String.fromCodePoint(point);
      changes.set(at, { from: at, to: at + letter.length, by: insteadOf(kind, letter) });
    }
  return [...changes.values()].sort((a, b) => a.from - b.from);
}
