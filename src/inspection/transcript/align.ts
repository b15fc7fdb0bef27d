// Two sequences of names → what both have in order, and the gaps between. Bounded: where too much lies between the first and the last
// difference, all of that is one gap.

import { steps } from "../steps.ts";

/** Between two things that both have: what only the first has, and what only the second has. Places in the second. */
export interface Gap {
  readonly gone: readonly number[];
  /** Places in the second sequence. */
  readonly come: readonly number[];
  /** Nothing that both have stands before it. */
  readonly head: boolean;
  /** Places in the first sequence of what is gone. */
  readonly from: readonly number[];
  /** The place in the second of what both have behind it. */
  readonly behind: number;
}

/** Cells of the table that is filled at most. */
const most = 250_000;

/** A gap behind the last thing that both have is none. */
export function gapsBetween(first: readonly number[], second: readonly number[]): readonly Gap[] {
  // from the end: where a head was left out, what comes again in it is not what is meant
  let back = 0;
  const room = Math.min(first.length, second.length);
  const [ends, others] = [first.length - 1, second.length - 1];
  while (back < room && first[ends - back] === second[others - back]) back += 1;
  let same = 0;
  while (same < room - back && first[same] === second[same]) same += 1;
  const [rows, columns] = [first.length - same - back, second.length - same - back];
  const isTooMuch = rows * columns > most;
  steps.aligned += first.length + second.length + (isTooMuch ? 0 : rows * columns);
  const pairs = isTooMuch ? [] : common(first.slice(same, same + rows), second.slice(same, same + columns));
  const pairsAndEnd: readonly (readonly [number, number])[] = [
    ...pairs.map(([a, b]) => [a + same, b + same] as const),
    ...(back > 0 ? [[first.length - back, second.length - back] as const] : []),
  ];
  const gaps: Gap[] = [];
  let [a, b] = [same, same];
  for (const [nextA, nextB] of pairsAndEnd) {
    if (nextA > a || nextB > b) {
      const from = range(a, nextA);
      gaps.push({
        gone: from.map((at) => first[at] ?? 0),
        come: range(b, nextB),
        head: same === 0 && a === 0 && b === 0,
        from,
        behind: nextB,
      });
    }
    [a, b] = [nextA + 1, nextB + 1];
  }
  return gaps;
}

const range = (from: number, to: number): readonly number[] => Array.from({ length: to - from }, (_, at) => from + at);

/** The longest sequence that both have, as pairs of places; of several the latest. */
function common(first: readonly number[], second: readonly number[]): readonly (readonly [number, number])[] {
  const width = second.length + 1;
  const longest = new Uint32Array((first.length + 1) * width);
  for (let a = 1; a <= first.length; a += 1)
    for (let b = 1; b <= second.length; b += 1)
      longest[a * width + b] =
        first[a - 1] === second[b - 1]
          ? (longest[(a - 1) * width + b - 1] ?? 0) + 1
          : Math.max(longest[(a - 1) * width + b] ?? 0, longest[a * width + b - 1] ?? 0);
  const pairs: (readonly [number, number])[] = [];
  let [a, b] = [first.length, second.length];
  while (a > 0 && b > 0)
    if (first[a - 1] === second[b - 1]) {
      pairs.push([a - 1, b - 1]);
      a -= 1;
      b -= 1;
    } else if ((longest[(a - 1) * width + b] ?? 0) >= (longest[a * width + b - 1] ?? 0)) a -= 1;
    else b -= 1;
  return pairs.reverse();
}
