// Chains → which lines of which file, and how alike each is. Lines between two finds of a chain are taken in where nothing else
// can have stood there: blank ones, changed ones at the same distance, and those between passages that follow each other.

import type { Find } from "./align.ts";
import type { Chain } from "./chains.ts";
import { apart, changedBetween, followed, following } from "./limits.ts";
import { isWritten, type Lines } from "./lines.ts";
import type { Reading } from "./reading.ts";
import { hashAt, shapeAt } from "./shelf.ts";

/** How a line is there: as it is; but for white space and case; or in part, such as with other names. */
export const ways = ["verbatim", "normalised", "similar"] as const;
export type Way = (typeof ways)[number];

export interface Lined {
  /** A file's lines, from 0, each as often as it was seen: its number times four, and the way's place in `ways`. */
  readonly lines: number[];
  readonly also: Set<number>;
}

export type Gathered = Map<number, Lined>;

/** All of a small file, which is all of a text; line by line where those are the same. */
export function gatherWhole(gathered: Gathered, reading: Reading, lines: Lines, numbers: readonly number[]): void {
  const [file, ...also] = numbers;
  const known = reading.files[file ?? -1];
  if (file === undefined || known === undefined) return;
  if ([...gathered].some(([other, lined]) => other === file || lined.also.has(file))) return;
  const lined = linedFor(gathered, file);
  for (const other of also) lined.also.add(other);
  const find: Find = { file, at: 0, line: known.from, count: known.count, alike: true, passages: [], near: undefined };
  for (let line = 0; line < known.count; line += 1) {
    const same = line < lines.count && lines.hashes[line] === hashAt(reading.pieces, known.from + line);
    addLine(lined, line, same ? wayOf(reading, lines, find, line) : "normalised");
  }
}

export function gather(gathered: Gathered, reading: Reading, lines: Lines, chains: readonly Chain[]): void {
  for (const { file, finds, also } of chains) {
    const known = reading.files[file];
    if (known === undefined) continue;
    const lined = linedFor(gathered, file);
    for (const other of also) lined.also.add(other);
    const add = (line: number, way: Way): void => addLine(lined, line - known.from, way);
    for (const [index, find] of finds.entries()) {
      const before = finds[index - 1];
      if (before !== undefined) fillBetween({ reading, lines, before, find }, add);
      for (let step = 0; step < find.count; step += 1)
        add(find.line + step, find.alike ? wayOf(reading, lines, find, step) : "similar");
    }
  }
}

function linedFor(gathered: Gathered, file: number): Lined {
  const lined = gathered.get(file) ?? { lines: [], also: new Set() };
  gathered.set(file, lined);
  return lined;
}

function addLine({ lines }: Lined, line: number, way: Way): void {
  lines.push(line * 4 + ways.indexOf(way));
}

/** Verbatim where the line is written as in the file, from its start or from behind what stands before it. */
function wayOf({ pieces }: Reading, { hashes, shapes }: Lines, { at, line }: Find, step: number): Way {
  if (hashes[at + step] === 0) return "verbatim";
  const shape = shapeAt(pieces, line + step);
  // as most lines are
  if (shapes[at + step] === shape) return "verbatim";
  return isWritten(at + step, shape) ? "verbatim" : "normalised";
}

interface Between {
  readonly reading: Reading;
  readonly lines: Lines;
  readonly before: Find;
  readonly find: Find;
}

function fillBetween({ reading, lines, before, find }: Between, add: (line: number, way: Way) => void): void {
  const from = before.line + before.count;
  const gap = find.line - from;
  if (gap <= 0 || gap > apart) return;
  const inText = find.at - before.at - before.count;
  const hashes = Array.from({ length: gap }, (_, step) => hashAt(reading.pieces, from + step));
  const follows = gap <= followed && (find.passages[0]?.order ?? 0) <= (before.passages.at(-1)?.order ?? 0) + following;
  const changed = inText === gap && gap <= changedBetween;
  const blank = hashes.every((hash) => hash === 0);
  for (const [step, hash] of hashes.entries()) {
    if (blank || (hash === 0 && (follows || changed))) add(from + step, "verbatim");
    else if (follows || changed) add(from + step, "similar");
  }
  if (follows || changed || blank) return;
  // short lines that are still there, in their order
  let at = before.at + before.count;
  for (const [step, hash] of hashes.entries()) {
    if (hash === 0) continue;
    const next = lines.hashes.subarray(at, find.at).indexOf(hash);
    if (next < 0) continue;
    at += next + 1;
    add(from + step, "normalised");
  }
}
