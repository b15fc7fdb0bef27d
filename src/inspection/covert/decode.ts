// What hidden characters say, by the ways in which they were seen to be used: tags are ASCII moved up, variation selectors are
// octets, two of anything else are the bits of octets. Undefined where none of that gives a text.

import { type CovertKind, imitated, looksLike, signFor } from "./classes.ts";

export interface Mark {
  /** UTF-16 units. */
  readonly at: number;
  readonly point: number;
}

const longest = 400;

type Read = (text: string, marks: readonly Mark[]) => string | undefined;

const ways: Partial<Readonly<Record<CovertKind, Read>>> = {
  tags: (_, marks) => legible(marks.map(({ point }) => String.fromCharCode(point - 0xe0000)).join("")),
  variation: (_, marks) => legible(Buffer.from(marks.map(({ point }) => octetOf(point))).toString("utf8")),
  confusable: (text) => fromBits([...text].flatMap((letter) => bitOf(letter))),
  space: fromSpaces,
  separator: fromSigns,
};

export const readHidden = (text: string, kind: CovertKind, marks: readonly Mark[]): string | undefined =>
  (ways[kind] ?? byPair)(text, marks);

const octetOf = (point: number): number => (point >= 0xe0100 ? point - 0xe0100 + 16 : point - 0xfe00);

const bitOf = (letter: string): readonly number[] => {
  if (looksLike(letter) !== undefined) return [1];
  return imitated.has(letter) ? [0] : [];
};

/** The plain space is one of the two. */
function fromSpaces(text: string, marks: readonly Mark[]): string | undefined {
  const odd = new Set(marks.map(({ point }) => String.fromCodePoint(point)));
  return fromBits([...text].flatMap((letter) => (letter === " " ? [0] : odd.has(letter) ? [1] : [])));
}

/** Signs of ASCII's are the other one, of those for which any stands. */
function fromSigns(text: string, marks: readonly Mark[]): string | undefined {
  const signs = new Set(marks.map(({ point }) => signFor(String.fromCodePoint(point))));
  return fromBits(
    [...text].flatMap((letter) => (signs.has(letter) ? [0] : signs.has(signFor(letter) ?? "") ? [1] : [])),
  );
}

/** Two different ones, the more of them taken for either bit; a third parts the letters. */
function byPair(_: string, marks: readonly Mark[]): string | undefined {
  const counts = new Map<number, number>();
  for (const { point } of marks) counts.set(point, (counts.get(point) ?? 0) + 1);
  const [zero, one] = [...counts.keys()].sort((a, b) => (counts.get(b) ?? 0) - (counts.get(a) ?? 0)).slice(0, 2);
  if (zero === undefined || one === undefined) return undefined;
  const bits = marks.flatMap(({ point }) => (point === zero ? [0] : point === one ? [1] : []));
  return fromBits(bits) ?? fromBits(bits.map((bit) => 1 - bit));
}

/** Octets of eight or of seven bits, the first of each the highest. */
function fromBits(bits: readonly number[]): string | undefined {
  for (const width of [8, 7]) {
    const octets: number[] = [];
    for (let at = 0; at + width <= bits.length && octets.length < longest; at += width)
      octets.push(bits.slice(at, at + width).reduce((value, bit) => value * 2 + bit, 0));
    // what is not used up is zero
    while (octets.at(-1) === 0) octets.pop();
    const found = legible(Buffer.from(octets).toString("utf8"));
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Three characters or more, all of which show. */
function legible(text: string): string | undefined {
  const cut = text.slice(0, longest);
  return cut.length >= 3 && /^[\t\n\r\x20-\x7e\p{L}\p{N}\p{P}\p{S}]+$/u.test(cut) ? cut : undefined;
}
