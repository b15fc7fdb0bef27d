// Text within a text, unseen by whoever reads it: what is carried by characters that do not show, or by one of two that look
// alike. In: a text. Out: by kind, how many there are, where the first is, how many bits they can carry at most, and what they say
// where that can be read. What ordinary writing needs (emoji, Arabic, French spaces) is none. *Attacker-controlled*.

import { bitsOf } from "./capacity.ts";
import { type CovertKind, classOf, looksLike, signFor } from "./classes.ts";
import { type Mark, readHidden } from "./decode.ts";
import { insteadOf } from "./instead.ts";

export interface CovertHit {
  readonly kind: CovertKind;
  readonly count: number;
  /** UTF-16 units: of the first, and behind the last. */
  readonly from: number;
  readonly to: number;
  /** At most (capacity.ts). */
  readonly bits: number;
  /** What it says, where it is text; bounded. */
  readonly decoded: string | undefined;
}

/** Nothing but ASCII that shows, and line ends: nearly every text. */
const plain = /^[\t\n\r\x1b\x20-\x7e]*$/;
/** Of one kind in one text: more of them add nothing to what is known. */
export const mostMarks = 100_000;

export function seekCovert(text: string): readonly CovertHit[] {
  return [...marksIn(text)].map(([kind, list]) => hitOf(text, kind, list)).sort((a, b) => a.from - b.from);
}

/** What is taken out may have hidden what stands beside it: so often it is looked again, at what is left. */
const rounds = 8;

/** By kind, where each is; bounded. */
export function marksIn(text: string): ReadonlyMap<CovertKind, readonly Mark[]> {
  const marks = new Map<CovertKind, Mark[]>();
  let left: Left = { text, place: (at) => at };
  for (let round = 0; round < rounds; round += 1) {
    const fresh = markedIn(left.text);
    if (fresh.size === 0) break;
    const { place } = left;
    for (const [kind, list] of fresh) {
      const known = marks.get(kind) ?? [];
      for (const mark of list) if (known.length < mostMarks) known.push(...standing(mark, place));
      marks.set(kind, known);
    }
    left = without(left, fresh);
  }
  for (const list of marks.values()) list.sort((a, b) => a.at - b.at);
  return marks;
}

/** Two halves of a character that stood apart are found where each stands. */
function standing({ at, point }: Mark, place: Left["place"]): readonly Mark[] {
  const from = place(at);
  if (point <= 0xffff || place(at + 1) === from + 1) return [{ at: from, point }];
  const letter = String.fromCodePoint(point);
  return [0, 1].map((half) => ({ at: place(at + half), point: letter.charCodeAt(half) }));
}

/** A text without what was found in it, and where each unit of it stood. */
interface Left {
  readonly text: string;
  readonly place: (at: number) => number;
}

function without({ text, place }: Left, marks: ReadonlyMap<CovertKind, readonly Mark[]>): Left {
  const all = [...marks].flatMap(([kind, list]) => list.map(({ at, point }) => ({ kind, at, point })));
  const pieces: string[] = [];
  const units = new Uint32Array(text.length);
  let [from, size] = [0, 0];
  const keep = (piece: string, at: number): void => {
    pieces.push(piece);
    for (let unit = 0; unit < piece.length; unit += 1) units[size + unit] = place(at + unit);
    size += piece.length;
  };
  for (const { kind, at, point } of all.sort((a, b) => a.at - b.at)) {
    const letter = String.fromCodePoint(point);
    keep(text.slice(from, at), from);
    keep(insteadOf(kind, letter), at);
    from = at + letter.length;
  }
  keep(text.slice(from), from);
  return { text: pieces.join(""), place: (at) => units[at] ?? text.length };
}

function markedIn(text: string): ReadonlyMap<CovertKind, readonly Mark[]> {
  if (plain.test(text)) return new Map();
  const marks = new Map<CovertKind, Mark[]>();
  const note = (kind: CovertKind, at: number, point: number): void => {
    const list = marks.get(kind) ?? [];
    if (list.length < mostMarks) list.push({ at, point });
    marks.set(kind, list);
  };
  for (let at = 0; at < text.length; ) {
    const point = text.codePointAt(at) ?? 0;
    const size = point > 0xffff ? 2 : 1;
    const kind = point < 0x80 && point >= 0x20 && point !== 0x7f ? undefined : classOf(point);
    if (kind !== undefined && !isUsual(text, at, point, kind)) note(kind, at, point);
    else if (point > 0xff && isSign(text, at, point)) note("separator", at, point);
    at += size;
  }
  for (const { at, point } of disguised(text)) note("confusable", at, point);
  return marks;
}

function hitOf(text: string, kind: CovertKind, marks: readonly Mark[]): CovertHit {
  const [first, last] = [marks[0], marks.at(-1)];
  return {
    kind,
    count: marks.length,
    from: first?.at ?? 0,
    to: (last?.at ?? 0) + ((last?.point ?? 0) > 0xffff ? 2 : 1),
    bits: bitsOf(text, kind, marks),
    decoded: readHidden(text, kind, marks),
  };
}

interface Spot {
  readonly text: string;
  readonly at: number;
  readonly point: number;
  readonly before: string;
  readonly behind: string;
  /** Of the same line, some characters on both sides. */
  readonly near: () => string;
}

/** What people and programs write without meaning anything by it. */
const usual: Partial<Readonly<Record<CovertKind, (spot: Spot) => boolean>>> = {
  // a byte order mark at the beginning, a joiner within emoji, in Arabic and in the scripts of India
  "zero-width": ({ at, point, before, behind }) => {
    if (point === 0xfeff) return at === 0;
    return (point === 0x200d || point === 0x200c) && joins.test(before) && joined.test(behind);
  },
  // the three flags that are written so (UTS #51, RGI)
  tags: ({ at, text }) => flags.some((flag) => isWithin(text, at, flag)),
  variation: ({ point, before }) => (point === 0xfe0f || point === 0xfe0e) && pictured.test(before),
  // a mark near letters that run the other way
  bidi: ({ point, near }) => (point === 0x200e || point === 0x200f || point === 0x061c) && rightToLeft.test(near()),
  space: ({ point, before, behind }) => {
    if (point === 0x3000) return eastAsian.test(before + behind);
    return (point === 0xa0 || point === 0x202f) && (french.test(behind) || /[«\d]$/.test(before));
  },
  filler: ({ point, before, behind }) =>
    (point === 0x2800 ? /[\u2801-\u28ff]/ : /[\uac00-\ud7a3]/).test(before + behind),
};

function isUsual(text: string, at: number, point: number, kind: CovertKind): boolean {
  const behind = at + (point > 0xffff ? 2 : 1);
  const near = (): string =>
    (text
      .slice(Math.max(0, at - 16), at)
      .split("\n")
      .at(-1) ?? "") + (text.slice(behind, behind + 16).split("\n")[0] ?? "");
  const before = text.slice(Math.max(0, at - 2), at);
  const spot = { text, at, point, before, behind: text.slice(behind, behind + 2), near };
  return usual[kind]?.(spot) === true;
}

const flags = ["gbeng", "gbsct", "gbwls"].map(
  (place) => `\u{1f3f4}${String.fromCodePoint(...[...place].map((one) => 0xe0000 + one.charCodeAt(0)))}\u{e007f}`,
);

/** Does one stand around this place? */
function isWithin(text: string, at: number, flag: string): boolean {
  const from = text.slice(Math.max(0, at - flag.length), at).lastIndexOf(flag.slice(0, 2));
  return from >= 0 && text.startsWith(flag, Math.max(0, at - flag.length) + from);
}

/** A sign that stands for ASCII's, between ASCII's: where a script of its own surrounds it, it is that script's. */
function isSign(text: string, at: number, point: number): boolean {
  if (signFor(String.fromCodePoint(point)) === undefined) return false;
  const around = text.slice(Math.max(0, at - 2), at) + text.slice(at + 1, at + 3);
  return [...around].every((one) => one <= "\x7f" || signFor(one) !== undefined || looksLike(one) !== undefined);
}

/** Scripts whose letters take another form beside a joiner. */
const joining =
  "Arabic Syriac Nko Mongolian Devanagari Bengali Gurmukhi Gujarati Oriya Tamil Telugu Kannada Malayalam Sinhala Khmer"
    .split(" ")
    .map((script) => `\\p{Script=${script}}`)
    .join("");
const joins = new RegExp(`(?:[\\p{Extended_Pictographic}\\p{Emoji_Modifier}${joining}]|\\ufe0f|\\p{Mn})$`, "u");
const joined = new RegExp(`^[\\p{Extended_Pictographic}\\u2640\\u2642${joining}]`, "u");
const pictured = /[\p{Extended_Pictographic}\p{Emoji}]$/u;
const rightToLeft = /[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}]/u;
const eastAsian = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\u3000-\u303f\uff00-\uffef]/u;
const french = /^[»!?:;%€$\d]/;

/** Is what stands here behind an odd number of backslashes? */
function isEscape(text: string, at: number): boolean {
  let from = at;
  while (text[from - 1] === "\\") from -= 1;
  return (at - from) % 2 === 1;
}

/** Letters of another script within a word that is otherwise Latin, and whole words that could be read as Latin beside such. */
function* disguised(text: string): Generator<Mark> {
  for (const { 0: whole, index } of text.matchAll(/[\p{L}\p{M}]+/gu)) {
    // the letter of an escape (`\\n`) is none of the word behind it
    const word = /^[A-Za-z]/.test(whole) && isEscape(text, index) ? whole.slice(1) : whole;
    if (!/[A-Za-z]/.test(word)) continue;
    let at = index + whole.length - word.length;
    for (const letter of word) {
      if (looksLike(letter) !== undefined) yield { at, point: letter.codePointAt(0) ?? 0 };
      at += letter.length;
    }
  }
}
