// A text's passages that are in the index → finds: where lines of the text and lines of a file agree. A passage says where to
// look; the lines' own hashes say how far it goes, so a find is as long as the copy and not as its passages.

import { steps } from "../steps.ts";
import { isPublic } from "./known-public.ts";
import { comparisonsPerLine, leastComparisons, proving, sharers } from "./limits.ts";
import type { Lines } from "./lines.ts";
import type { Known, Reading } from "./reading.ts";
import { hashAt, ownerOf } from "./shelf.ts";
import { collectLines, fetchHomes } from "./table.ts";
import { type Batch, winnow } from "./winnow.ts";

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
}

interface Seeking {
  readonly reading: Reading;
  readonly lines: Lines;
  /** For each file, by the distance between its lines and the text's, the last find. */
  readonly near: Map<number, Map<number, Find>>;
  readonly finds: Find[];
  /** The line and the number of the last passage that was met. */
  behind: { readonly at: number; readonly order: number };
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
    behind: { at: 0, order: 0 },
    reading,
    lines,
    near: new Map(),
    finds: [],
    left,
    quoting: { at: -1, lines: false },
    inside: undefined,
  };
  winnow(lines.plain, lines.size, reading.keyed, (batch) => meetAll(seeking, batch, last));
  return seeking.finds;
}

/** Written over with each passage. */
const held = new Int32Array(sharers * 2);

/** The variables of a loop that is gone through for each passage are its own, not the text's. */
function meetAll(seeking: Seeking, { hashes, places, count }: Batch, last: boolean): void {
  const { reading, lines } = seeking;
  let { at, order, looked } = { ...seeking.behind, looked: 0 };
  fetchHomes(reading.tables, hashes.subarray(0, count), held);
  for (let which = 0; which < count; which += 1) {
    const octet = places[which] ?? 0;
    order += 1;
    while ((lines.starts[at + 1] ?? lines.size) <= octet) at += 1;
    if (isProven(seeking.inside, at)) continue;
    const hash = hashes[which] ?? 0;
    looked += 1;
    const many = collectLines(reading.tables, hash, held);
    if (many === 0 || isPublic(reading.known, hash)) continue;
    for (let one = 0; one < many; one += 1) meet(seeking, { hash, octet, order, at, line: held[one] ?? 0 }, last);
  }
  seeking.behind = { at, order };
  steps.looked += looked;
}

/** Of lines that are alike so many passages are looked up: whoever else has the lines has been met by then. */
function isProven(find: Find | undefined, at: number): boolean {
  return find !== undefined && find.passages.length >= proving && at < find.at + find.count;
}

function meet(seeking: Seeking, passage: Passage, last: boolean): void {
  const { reading, lines, near, finds } = seeking;
  const file = ownerOf(reading.pieces, passage.line);
  const known = reading.files[file];
  if (known === undefined) return;
  let apart = near.get(file);
  if (apart === undefined) {
    apart = new Map();
    near.set(file, apart);
  }
  const distance = passage.line - passage.at;
  const before = apart.get(distance);
  if (before !== undefined && passage.at < before.at + before.count) {
    before.passages.push(passage);
    return;
  }
  const same = lines.hashes[passage.at] === hashAt(reading.pieces, passage.line);
  if (!same && !last && quotesLines(seeking, passage.at)) return;
  const [up, down] = same ? extend(seeking, known, passage) : [0, 0];
  const find: Find = {
    file,
    at: passage.at - up,
    line: passage.line - up,
    count: up + 1 + down,
    alike: same,
    passages: [passage],
  };
  apart.set(distance, find);
  finds.push(find);
  if (same) seeking.inside = longer(seeking.inside, find);
}

/** Of what goes on at this line. */
function longer(before: Find | undefined, find: Find): Find {
  return before !== undefined && before.at + before.count >= find.at + find.count ? before : find;
}

function quotesLines(seeking: Seeking, at: number): boolean {
  const { octets, begins } = seeking.lines;
  if (seeking.quoting.at !== at)
    seeking.quoting = { at, lines: Buffer.from(octets.subarray(begins[at], begins[at + 1])).includes("\\n") };
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
