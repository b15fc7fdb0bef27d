// How much is told of what was seen: of each rule, kind and label so many, and then once that there are more, so that a body full of one
// thing hides no other, and whoever takes out what was found knows that it is not all.

import type { Seen } from "./inspect.ts";

export type Tally = (seen: Seen) => Seen | undefined;

/** What is to be told in its place: itself, that there are more than `most`, or nothing. */
export function openTally(most: number): Tally {
  const counts = new Map<string, number>();
  return (seen) => {
    const name = `${seen.kind} ${seen.cut ?? ""} ${seen.label}`;
    const count = (counts.get(name) ?? 0) + 1;
    counts.set(name, count);
    if (count <= most) return seen;
    return count === most + 1 && seen.kind !== "closed" ? moreOf(seen) : undefined;
  };
}

function moreOf({ kind, label, sure, from, to }: Seen): Seen {
  const cut = kind === "closed" ? {} : { cut: kind };
  return { kind: "closed", label, ...cut, from, to, ...(sure === undefined ? {} : { sure }) };
}
