// How much can be carried so: what was chosen, of how many places, from how many. Out: bits, the least of three ways to write down what
// stands there: each place; each place between the first and the last mark, and where these are; only where the marks are. Who hides more
// than that on the average has places that are not counted here. Pure.

import { type CovertKind, imitatedBy, isImitatedSign, looksLike, signFor } from "./classes.ts";
import type { Mark } from "./decode.ts";

export function bitsOf(text: string, kind: CovertKind, marks: readonly Mark[]): number {
  if (kind === "tags") return marks.length * 7;
  if (kind === "variation") return marks.length * 8;
  const choices = choicesOf(kind, marks);
  const places = placesIn(text, kind, marks);
  const all = Math.max(places.length, marks.length);
  const [first, last] = [marks[0]?.at ?? 0, marks.at(-1)?.at ?? 0];
  const between = Math.max(places.filter((at) => at >= first && at <= last).length, marks.length);
  const whole = all * Math.log2(choices);
  const window = between * Math.log2(choices) + 2 * Math.log2(all + 1);
  return Math.ceil(Math.min(whole, window, sparsely(marks.length, all, choices)));
}

/** At one place: of what may stand for one letter, the most that were seen; of what may stand anywhere, all. */
function choicesOf(kind: CovertKind, marks: readonly Mark[]): number {
  const seen = [...new Set(marks.map(({ point }) => String.fromCodePoint(point)))];
  const groups = Map.groupBy(seen, (one) =>
    kind === "confusable" ? looksLike(one) : kind === "separator" ? signFor(one) : "",
  );
  return 1 + Math.max(...[...groups.values()].map(({ length }) => length));
}

/** Only for few: many are as well read as a row of choices. */
function sparsely(marks: number, places: number, choices: number): number {
  if (marks * 8 > places) return Number.POSITIVE_INFINITY;
  const each = Math.log2(places / marks) + Math.LOG2E + Math.log2(choices - 1);
  return marks * each + Math.log2(places + 1);
}

/** Where one could stand: where one does, and where what it is taken for does; of what is put between, behind every letter. */
function placesIn(text: string, kind: CovertKind, marks: readonly Mark[]): readonly number[] {
  const taken = new Set(marks.map(({ at }) => at));
  const imitated = kind === "confusable" ? imitatedBy(marks.map(({ point }) => point)) : undefined;
  const stands = (letter: string): boolean => {
    if (imitated !== undefined) return imitated.has(letter) || looksLike(letter) !== undefined;
    if (kind === "separator") return isImitatedSign(letter);
    return kind !== "space" || letter === " ";
  };
  const places: number[] = [];
  let at = 0;
  for (const letter of text) {
    if (taken.has(at) ? isReplacing(kind) || isRun(taken, at) : stands(letter)) places.push(at);
    at += letter.length;
  }
  return places;
}

/** In another's place; all others are put between, and the place was counted with the letter before. */
const isReplacing = (kind: CovertKind): boolean => kind === "confusable" || kind === "separator" || kind === "space";

const isRun = (taken: ReadonlySet<number>, at: number): boolean => taken.has(at - 1);
