// A text's passages that are in the index → finds: where lines of the text and lines of a file agree. A passage says where to
// look; the lines' own hashes say how far it goes, so a find is as long as the copy and not as its passages.

import { steps } from "../steps.ts";
import { isPublic } from "./known-public.ts";
import { comparisonsPerLine, leastComparisons, proving, sharers } from "./limits.ts";
import type { Lines } from "./lines.ts";
import type { Known, Reading } from "./reading.ts";
import { hashAt, ownerOf } from "./shelf.ts";
import { collectLines, likely, together } from "./table.ts";

/** A passage of the text that is in a file. */
export interface Passage {
  readonly hash: number;
  /** Where it begins in the text's normalised octets; how many kept passages come before it. */
  readonly octet: number;
  readonly order: number;
  /** The text's line, and the file's on the shelf. */
  readonly at: number;
  readonly line: number;
}

/** `count` lines from the text's line `at` and the shelf's `line`. */
export interface Find {
  readonly file: number;
  readonly at: number;
  readonly line: number;
  readonly count: number;
  /** Every line is the same; else one line shares a passage. */
  readonly alike: boolean;
  readonly passages: Passage[];
  /** The one before that was met by the same number. */
  readonly near: Find | undefined;
}

interface Seeking {
  readonly reading: Reading;
  readonly lines: Lines;
  /** The last find of a file at a distance between its lines and the text's: by a number of both, which others may have too. */
  readonly near: Map<number, Find>;
  /** Lines may be quoted in a line: then it is left to them. */
  readonly quotes: boolean;
  readonly finds: Find[];
  /** Line comparisons that may still be made. */
  left: number;
  /** Of the last line of the text that was not alike: whether lines are quoted in it. */
  quoting: { readonly at: number; readonly lines: boolean };
  /** The last find that is alike. */
  inside: Find | undefined;
}

/**
 * By their first passage in the order of the text. `last`: the text will not be unescaped further; else a line that quotes lines
 * is left to that, where it can be said which they are.
 */
export function findLines(reading: Reading, lines: Lines, last: boolean): readonly Find[] {
  const left = Math.max(leastComparisons, lines.count * comparisonsPerLine);
  const seeking: Seeking = {
    reading,
    lines,
    near: new Map(),
    quotes: !last,
    finds: [],
    left,
    quoting: { at: -1, lines: false },
    inside: undefined,
  };
  for (let from = 0; from < lines.kept.count; from += together) meetSome(seeking, from);
  return seeking.finds;
}

/** Written over: which of some passages may be known, and the lines of one that is. */
const asked = new Uint16Array(together);
const held = new Int32Array(sharers * 2);

function meetSome(seeking: Seeking, from: number): void {
  const { reading, lines } = seeking;
  const { hashes, lines: at, count } = lines.kept;
  const some = hashes.subarray(from, Math.min(count, from + together));
  const many = likely(reading.tables, some, asked);
  let proven = provenTo(seeking.inside);
  for (let one = 0; one < many; one += 1) {
    const order = from + (asked[one] ?? 0);
    if ((at[order] ?? 0) < proven) continue;
    const hash = hashes[order] ?? 0;
    const found = collectLines(reading.tables, hash, held);
    if (found === 0 || isPublic(reading.known, hash)) continue;
    for (let which = 0; which < found; which += 1) meet(seeking, order, held[which] ?? 0);
    proven = provenTo(seeking.inside);
  }
  steps.looked += some.length;
}

/** Of lines that are alike so many passages are looked up: whoever else has the lines has been met by then. */
const provenTo = (find: Find | undefined): number =>
  find !== undefined && find.passages.length >= proving ? find.at + find.count : 0;

/** The passage `order` of those that are kept stands in the shelf's line as well. */
function meet(seeking: Seeking, order: number, line: number): void {
  const { reading, lines, near, finds } = seeking;
  const file = ownerOf(reading.pieces, line);
  const known = reading.files[file];
  if (known === undefined) return;
  const at = lines.kept.lines[order] ?? 0;
  const number = (Math.imul(file, 0x9e3779b1) ^ (line - at)) & 0x3fffffff;
  const first = near.get(number);
  const before = first === undefined ? undefined : nearest(first, file, line - at);
  const passage = { hash: lines.kept.hashes[order] ?? 0, octet: lines.kept.places[order] ?? 0, order, at, line };
  if (before !== undefined && at < before.at + before.count) {
    before.passages.push(passage);
    return;
  }
  const alike = lines.hashes[at] === hashAt(reading.pieces, line);
  if (!alike && seeking.quotes && quotesLines(seeking, at)) return;
  const [up, down] = alike ? extend(seeking, known, passage) : none;
  const count = up + 1 + down;
  const find: Find = { file, at: at - up, line: line - up, count, alike, passages: [passage], near: first };
  near.set(number, find);
  finds.push(find);
  if (alike) seeking.inside = longer(seeking.inside, find);
}

const none = [0, 0] as const;

function nearest(first: Find, file: number, distance: number): Find | undefined {
  let find: Find | undefined = first;
  while (find !== undefined && (find.file !== file || find.line - find.at !== distance)) find = find.near;
  return find;
}

/** Of what goes on at this line. */
function longer(before: Find | undefined, find: Find): Find {
  return before !== undefined && before.at + before.count >= find.at + find.count ? before : find;
}

function quotesLines(seeking: Seeking, at: number): boolean {
  const { octets, begins } = seeking.lines;
  if (seeking.quoting.at !== at)
    seeking.quoting = { at, lines: octets.subarray(begins[at], begins[at + 1]).includes("\\n") };
  return seeking.quoting.lines;
}

/** How many lines before and after this one are the same as well; blank ones at an end only where they are surely the file's. */
function extend(seeking: Seeking, { from, count }: Known, { at, line }: Passage): readonly [number, number] {
  const { lines, reading } = seeking;
  const same = (step: number): boolean => {
    if (seeking.left <= 0) return false;
    seeking.left -= 1;
    steps.compared += 1;
    if (lines.hashes[at + step] !== hashAt(reading.pieces, line + step)) return false;
    return !(lines.hashes[at + step] === 0 && lines.marked[at + step] === quoted);
  };
  let up = 0;
  while (up < Math.min(at, line - from) && same(-up - 1)) up += 1;
  let down = 0;
  while (down < Math.min(lines.count - 1 - at, from + count - 1 - line) && same(down + 1)) down += 1;
  const begins = at - up === 0 || lines.marked[at - up - 1] === quoted;
  if (!begins) while (up > 0 && isLoose(lines, at - up, at)) up -= 1;
  const next = at + down + 1;
  const ends = next === lines.count || (lines.marked[next] === quoted && lines.hashes[next] === 0);
  if (!ends) while (down > 0 && isLoose(lines, at + down, at)) down -= 1;
  return [up, down];
}

const quoted = 2;

/** A blank line could be the text's own, but where it is numbered or marked like the line that was found. */
function isLoose({ hashes, marked }: Lines, line: number, found: number): boolean {
  return hashes[line] === 0 && !(marked[line] === 1 && marked[found] === 1);
}
