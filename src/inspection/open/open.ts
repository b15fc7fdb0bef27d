// What is written within a text in another coding, opened: base64, hexadecimal, percent signs, the escapes of a string, and what of
// these lies within each other, compressed too. In: a text. Out: every inner text, with how it was written and where in the outer one.
// Bounded in depth, in size and in number; what goes past a bound is said. *Attacker-controlled* throughout.

import { steps } from "../steps.ts";
import { base64In, hexIn, isHex, shownIn } from "./runs.ts";

export type Coding = "base64" | "hex" | "percent" | "escapes" | "gzip" | "deflate" | "utf-16";

export interface Opened {
  readonly text: string;
  /** From the outermost in. */
  readonly codings: readonly Coding[];
  /** UTF-16 units of the outermost text. */
  readonly from: number;
  readonly to: number;
  /** Units of this text → of the outermost: exactly, where it is written in escapes; all of it, where a coding has no such places. */
  readonly at: (from: number, to: number) => Place;
}

interface Place {
  readonly from: number;
  readonly to: number;
}

export interface Opening {
  readonly found: readonly Opened[];
  /** Something was left closed: there was more of it, deeper or larger, than is opened. */
  readonly left: boolean;
}

/** Inflates up to so many octets; undefined where it is none. */
export type Inflate = (bytes: Buffer, most: number) => Buffer | "more" | undefined;

/** What is inflated counts as what it becomes: a bomb is one, whatever it is written in. */
type Unpack = (bytes: Buffer) => Buffer | undefined;

export const openBounds = { depth: 4, found: 500, octets: 4_000_000, shortest: 16 } as const;

export function openAll(text: string, inflate: Inflate, bounds: typeof openBounds = openBounds): Opening {
  const budget = { octets: bounds.octets, found: bounds.found, left: false };
  const found: Opened[] = [];
  const unpack: Unpack = (bytes) => {
    const got = inflate(bytes, Math.max(1, budget.octets));
    if (got === "more") budget.left = true;
    if (got === undefined || got === "more") return undefined;
    budget.octets -= got.length;
    return got;
  };
  const descend = (outer: Opened, depth: number): void => {
    for (const run of runsIn(outer.text, bounds.shortest)) {
      const size = run.to - run.from;
      if (budget.found <= 0 || size > budget.octets) {
        budget.left = true;
        // a large one does not hide what comes behind it
        if (budget.found <= 0) return;
        continue;
      }
      budget.octets -= size;
      steps.decoded += size;
      for (const { text: inner, codings } of readRun(outer.text.slice(run.from, run.to), run.coding, unpack)) {
        if (inner === outer.text) continue;
        budget.found -= 1;
        steps.opened += 1;
        const place = outer.at(run.from, run.to);
        const at =
          run.coding === "escapes"
            ? throughEscapes(outer.text, outer.at)
            : (): Place => ({ from: place.from, to: place.to });
        const opened = { text: inner, codings: [...outer.codings, ...codings], from: place.from, to: place.to, at };
        found.push(opened);
        if (depth + 1 < bounds.depth) descend(opened, depth + 1);
        else if (runsIn(inner, bounds.shortest).length > 0) budget.left = true;
      }
    }
  };
  descend({ text, codings: [], from: 0, to: text.length, at: (from, to) => ({ from, to }) }, 0);
  return { found, left: budget.left };
}

interface Run {
  readonly coding: "base64" | "hex" | "percent" | "escapes";
  readonly from: number;
  readonly to: number;
}

/** What could be written in a coding: no two of a kind overlap. */
function runsIn(text: string, shortest: number): readonly Run[] {
  const runs: Run[] = [];
  for (const { from, to } of base64In(text, shortest))
    runs.push({ coding: isHex(text.slice(from, to)) ? "hex" : "base64", from, to });
  // word by word: what is sought within one of them is not sought again from its second character on
  if (text.includes("%"))
    for (const { 0: word, index } of text.matchAll(/[!-~]+/g))
      if (/%[0-9A-Fa-f]{2}/.test(word)) runs.push({ coding: "percent", from: index, to: index + word.length });
  if (/\\["\\/nrtu]/.test(text)) runs.push({ coding: "escapes", from: 0, to: text.length });
  return runs;
}

type Inner = Pick<Opened, "text" | "codings">;

function readRun(run: string, coding: Run["coding"], unpack: Unpack): readonly Inner[] {
  switch (coding) {
    case "hex":
      return readOctets(Buffer.from(run, "hex"), ["hex"], unpack);
    case "base64":
      return readBase64(run.replaceAll(/[\r\n]/g, ""), unpack);
    case "percent":
      return asText(Buffer.from(unescapePercent(run), "latin1"), ["percent"]);
    case "escapes":
      return [{ text: unescapeString(run), codings: ["escapes"] }];
  }
}

/** Characters of text within other octets: fewer are chance. */
const shown = 20;
/** Digits of base64 that can hold as many. */
const leastRun = Math.ceil((shown * 4) / 3);

/** From its beginning; where that is no text, from wherever text begins in it: something else may stand right before or behind. */
function readBase64(run: string, unpack: Unpack): readonly Inner[] {
  const whole = readOctets(Buffer.from(run, "base64"), ["base64"], unpack);
  if (whole.length > 0 || run.length < leastRun) return whole;
  const stretches = [0, 1, 2, 3].flatMap((from) => stretchesIn(Buffer.from(run.slice(from), "base64")));
  // beginnings and ends of what is digits of another coding
  const hex = hexIn(run, 2 * shown).flatMap((digits) =>
    [0, 1].flatMap((from) => stretchesIn(Buffer.from(digits.slice(from), "hex"))),
  );
  return [
    ...(stretches.length === 0 ? [] : [textOf(stretches, "base64")]),
    ...(hex.length === 0 ? [] : [textOf(hex, "hex")]),
  ];
}

const textOf = (stretches: readonly string[], coding: Coding): Inner => ({
  text: stretches.join("\n"),
  codings: [coding],
});

/** Of octets that are no text as a whole: what of them reads as one, and is longer than chance makes it. */
function stretchesIn(bytes: Buffer): readonly string[] {
  return shownIn(bytes.toString("latin1"), shown).filter((text) => new Set(text.slice(0, 1_000)).size > 5);
}

function readOctets(bytes: Buffer, codings: readonly Coding[], unpack: Unpack): readonly Inner[] {
  const packed = bytes[0] === 0x1f && bytes[1] === 0x8b ? "gzip" : isZlib(bytes) ? "deflate" : undefined;
  const unpacked = packed === undefined ? undefined : unpack(bytes);
  if (packed !== undefined && unpacked !== undefined) return asText(unpacked, [...codings, packed]);
  return asText(bytes, codings);
}

/** RFC 1950: the two octets of the head are divisible by 31. */
const isZlib = (bytes: Buffer): boolean => bytes[0] === 0x78 && bytes.length > 6 && bytes.readUInt16BE(0) % 31 === 0;

/** Only what is text: most runs that could be base64 are names and digests. */
function asText(bytes: Buffer, codings: readonly Coding[]): readonly Inner[] {
  if (bytes.length < 4) return [];
  const text = bytes.toString("utf8");
  if (isText(text)) return [{ text, codings }];
  // of an odd number of octets at an odd place Node 24.21 writes past its memory
  const wide = bytes.length % 2 === 0 ? bytes.toString("utf16le") : "";
  return isText(wide) && /^[\0-\u00ff]*$/.test(wide) ? [{ text: wide, codings: [...codings, "utf-16"] }] : [];
}

const isText = (text: string): boolean => text.length > 0 && !/[\0-\x08\x0e-\x1a\x1c-\x1f\x7f\ufffd]/.test(text);

const unescapePercent = (run: string): string =>
  run
    .replaceAll("+", " ")
    .replace(/%([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));

const single: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t", b: "\b", f: "\f" };

const escape = /\\(?:u([0-9A-Fa-f]{4})|x([0-9A-Fa-f]{2})|(["'\\/nrtbf]))/g;

/** Each escape is one unit; between them nothing moves. */
function throughEscapes(text: string, outer: Opened["at"]): Opened["at"] {
  const ends: number[] = [];
  const saved: number[] = [];
  let all = 0;
  for (const { 0: found, index } of text.matchAll(escape)) {
    ends.push(index - all);
    all += found.length - 1;
    saved.push(all);
  }
  /** Of the escapes before this unit: how much longer they are written. */
  const before = (unit: number): number => {
    let [low, high] = [0, ends.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((ends[middle] ?? 0) < unit) low = middle + 1;
      else high = middle;
    }
    return low === 0 ? 0 : (saved[low - 1] ?? 0);
  };
  return (from, to) => outer(from + before(from), to + before(to));
}

/** As a string of JSON or of a program is written, wherever it is one: what is no escape stays. */
export const unescapeString = (text: string): string =>
  text.replace(escape, (_, wide?: string, narrow?: string, letter = "") =>
    (wide ?? narrow) === undefined
      ? (single[letter] ?? letter)
      : String.fromCharCode(Number.parseInt(wide ?? narrow ?? "", 16)),
  );
