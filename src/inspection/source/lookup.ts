// The answer: a text → which lines of which files it holds, how much of each, under which label. The text is attacker-controlled
// and may be anything: work and memory are bounded by its length (limits.ts), and nothing is thrown.

import { findLines } from "./align.ts";
import { type Gathered, gather, gatherWhole, type Lined, type Way, ways } from "./attribute.ts";
import { type Chain, chainFinds } from "./chains.ts";
import { depth, leastWhole, seam, slice, smallFile } from "./limits.ts";
import { type Lines, readLines } from "./lines.ts";
import { type Known, type Reading, wholeOf } from "./reading.ts";
import { hashAt } from "./shelf.ts";
import { type Stretch, unescapeLines } from "./unescape.ts";

export interface Attribution {
  readonly file: string;
  readonly label: string;
  /** From 1, both ends included, in order. */
  readonly lines: readonly (readonly [from: number, to: number])[];
  readonly count: number;
  /** Of the file's lines, 0 to 1. */
  readonly share: number;
  /** The way of most lines; and how many are there in which. */
  readonly how: Way;
  readonly ways: Readonly<Record<Way, number>>;
  /** Files that hold the same lines: one of them was read. */
  readonly also: readonly { readonly file: string; readonly label: string }[];
}

/** The end of what came before in the same message. Holds content: goes no further than the message. */
export type Carried = Uint8Array;

export interface Answer {
  /** By path. Lines of the end of what came before may be named again. */
  readonly found: readonly Attribution[];
  readonly carried: Carried;
}

export function lookUp(reading: Reading, text: string, carried?: Carried): Answer {
  const octets = Buffer.from(text);
  const gathered: Gathered = new Map();
  lookIn(gathered, reading, octets);
  if (carried !== undefined && carried.length > 0) {
    // a passage may go on within a line, or with the next
    const across = Buffer.concat([carried, octets.subarray(0, seam)]);
    lookIn(gathered, reading, joinedAt(across, undefined));
    lookIn(gathered, reading, joinedAt(across, newline));
  }
  const found = [...gathered].flatMap(([file, lined]) => {
    const known = reading.files[file];
    return known === undefined ? [] : [say(reading, known, lined)];
  });
  return {
    found: found.sort((a, b) => (a.file < b.file ? -1 : 1)),
    carried: endOf(octets.length >= seam ? octets : Buffer.concat([carried ?? Buffer.alloc(0), octets])),
  };
}

const newline = 10;
const backslash = 92;
/** Between two texts; no octet of UTF-8. */
const cut = 255;

/** With this in the place of each cut; a loop of its own, for of many short texts this is most of the work. */
function joinedAt(across: Uint8Array, by: number | undefined): Uint8Array {
  const joined = new Uint8Array(across.length);
  let size = 0;
  for (let at = 0; at < across.length; at += 1) {
    const octet = across[at] ?? 0;
    if (octet === cut && by === undefined) continue;
    joined[size] = octet === cut ? (by ?? 0) : octet;
    size += 1;
  }
  return joined.subarray(0, size);
}

/** From the beginning of a line or a text, where there is one. */
function endOf(octets: Uint8Array): Carried {
  const end = octets.subarray(Math.max(0, octets.length + 1 - seam));
  const begin = octets.length >= seam ? end.findIndex((octet) => octet === newline || octet === cut) + 1 : 0;
  return Buffer.concat([end.subarray(begin === end.length ? 0 : begin), Buffer.of(cut)]);
}

function lookIn(gathered: Gathered, reading: Reading, text: Uint8Array): void {
  // plain, or what reads it is made for two kinds of arrays
  let octets = new Uint8Array(text.buffer, text.byteOffset, text.length);
  for (let level = 0; level <= depth && octets.length > 0; level += 1) {
    const isLast = level === depth || !Buffer.from(octets.buffer, octets.byteOffset, octets.length).includes(backslash);
    const known: Stretch[] = [];
    for (const [from, to] of slices(octets)) {
      const slice = octets.subarray(from, to);
      const { lines, chains } = lookInSlice(gathered, reading, slice, isLast);
      if (!isLast) for (const [begin, end] of alikeIn(lines, chains)) known.push([from + begin, from + end]);
    }
    if (isLast) return;
    octets = unescapeLines(octets, known);
  }
}

/** Cut behind a line where one ends, and each with the end of the one before. */
function* slices(octets: Uint8Array): Generator<Stretch> {
  for (let from = 0; from < octets.length; ) {
    const most = from + slice;
    if (most >= octets.length) {
      yield [from, octets.length];
      return;
    }
    const begin = octets.lastIndexOf(newline, most - 1) + 1;
    const to = begin > from + seam * 2 ? begin : most;
    yield [from, to];
    const again = octets.indexOf(newline, to - seam) + 1;
    from = again > 0 && again < to ? again : to - seam;
  }
}

function lookInSlice(gathered: Gathered, reading: Reading, octets: Uint8Array, isLast: boolean) {
  const lines = readLines(octets, reading.keyed);
  const finds = findLines(reading, lines, isLast);
  const chains = finds.length === 0 ? [] : chainFinds(reading, lines, finds);
  gather(gathered, reading, lines, chains);
  if (lines.size >= leastWhole && lines.size <= smallFile)
    gatherWhole(gathered, reading, lines, reading.small.get(wholeOf(lines, reading.keyed)) ?? []);
  return { lines, chains };
}

/** Where lines stand that were found alike, in order. */
function alikeIn({ begins }: Lines, chains: readonly Chain[]): Stretch[] {
  return chains
    .flatMap((chain) => chain.finds)
    .filter(({ alike }) => alike)
    .map(({ at, count }): Stretch => [begins[at] ?? 0, begins[at + count] ?? 0])
    .sort(([a], [b]) => a - b);
}

function say(reading: Reading, known: Known, { lines, also }: Lined): Attribution {
  const best = bestOf(lines);
  const isPlain = (one: number): boolean => hashAt(reading.pieces, known.from + (one >>> 2)) !== 0;
  // read whole: the blank lines at its ends as well
  const all = best.reduce((sum, one) => sum + (isPlain(one) ? 1 : 0), 0) === known.plain ? allOf(known, best) : best;
  const counts = { verbatim: 0, normalised: 0, similar: 0 };
  for (const one of all) counts[ways[one & 3] ?? "similar"] += 1;
  return {
    file: known.path,
    label: known.label,
    lines: rangesOf(all),
    count: all.length,
    share: all.length / known.count,
    how: ways.reduce((most, way) => (counts[way] >= counts[most] && counts[way] > 0 ? way : most), "verbatim"),
    ways: counts,
    also: [...also].flatMap((other) => {
      const file = reading.files[other];
      return file === undefined || file === known ? [] : [{ file: file.path, label: file.label }];
    }),
  };
}

/** Each line once, in its best way, in order. */
function bestOf(lines: readonly number[]): Uint32Array {
  const sorted = Uint32Array.from(lines).sort();
  let count = 0;
  for (const one of sorted) {
    if (count > 0 && (sorted[count - 1] ?? 0) >>> 2 === one >>> 2) continue;
    sorted[count] = one;
    count += 1;
  }
  return sorted.subarray(0, count);
}

/** All of its lines: verbatim are those that were not seen. */
function allOf({ count }: Known, best: Uint32Array): Uint32Array {
  const all = new Uint32Array(count);
  for (let line = 0; line < count; line += 1) all[line] = line * 4;
  for (const one of best) all[one >>> 2] = one;
  return all;
}

function rangesOf(lines: Uint32Array): (readonly [number, number])[] {
  const ranges: [number, number][] = [];
  let last: [number, number] | undefined;
  for (const one of lines) {
    const line = one >>> 2;
    if (last?.[1] === line) last[1] = line + 1;
    else {
      last = [line + 1, line + 1];
      ranges.push(last);
    }
  }
  return ranges;
}
