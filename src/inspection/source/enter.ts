// A file into the tables, and out of them again.

import { hashText, type Keyed } from "./keyed.ts";
import { isPublic, type KnownPublic } from "./known-public.ts";
import { sharers, smallFile } from "./limits.ts";
import { type Lines, normalise, shapeOf } from "./lines.ts";
import type { Omission } from "./omit.ts";
import { type Known, wholeOf } from "./reading.ts";
import {
  freeLeft,
  leaveLines,
  linesLeft,
  octetsWith,
  own,
  ownerOf,
  type Shelf,
  takeLines,
  writeLine,
} from "./shelf.ts";
import {
  collectLines,
  dropLine,
  fetchHomes,
  keptOf,
  octetsFor,
  openTable,
  type Putting,
  placesFor,
  putLine,
  roomIn,
  sweepTable,
  type Table,
  tableOctets,
} from "./table.ts";
import { type Batch, winnow } from "./winnow.ts";

export interface Store {
  readonly keyed: Keyed;
  /** Octets of tables and lines together. */
  readonly most: number;
  readonly files: ({ readonly known: Known; readonly octets: number } | undefined)[];
  /** Numbers in `files` that are nobody's. */
  readonly gaps: number[];
  readonly byPath: Map<string, number>;
  readonly tables: Table[];
  readonly shelf: Shelf;
  readonly known: KnownPublic;
  /** Places ever used in the last table. */
  taken: number;
}

/** Lines of files that have gone, after which the tables are swept. */
const sweepAfter = 65_536;
/** A further table has as many places as all that are there, or of many so much. */
const manyPlaces = 2 ** 18;
const further = 0.25;

export interface Named {
  readonly path: string;
  readonly label: string;
  readonly octets: number;
  readonly weighty: boolean;
}

/** Ranks are 32 bits: half of them for those that come first. */
export const rankOf = (hash: number, weighty: boolean): number => (hash >>> 1) + (weighty ? 0 : 2 ** 31);

export function enter(store: Store, { path, label, octets, weighty }: Named, text: Uint8Array): Omission | undefined {
  const lines = normalise(text, store.keyed);
  if (!fits(store, lines)) return "index full";
  const from = takeLines(store.shelf, lines.count);
  if (from === undefined) return "index full";
  const known: Known = {
    path,
    label,
    from,
    count: lines.count,
    plain: lines.hashes.reduce((sum, hash) => sum + (hash === 0 ? 0 : 1), 0),
    whole: lines.size > smallFile ? 0 : wholeOf(lines, store.keyed),
    size: lines.size,
    rank: rankOf(hashText(path, store.keyed), weighty),
  };
  const number = store.gaps.pop() ?? store.files.length;
  store.files[number] = { known, octets };
  store.byPath.set(path, number);
  writeLines(store, known, lines);
  own(store.shelf, known, number);
  putPassages(store, number, known, lines);
  return undefined;
}

/** Whether what comes could at worst be held: every passage new, and lines behind the last. */
export function fits({ tables, taken, shelf, most }: Store, lines: Pick<Lines, "count" | "size">): boolean {
  const last = tables.at(-1);
  const held = tables.reduce((sum, table) => sum + tableOctets(table), octetsWith(shelf, lines.count));
  const kept = keptOf(lines.size);
  const lacks = last === undefined || taken + kept > roomIn(last);
  return held + (lacks ? octetsFor(nextPlaces(tables, kept)) : 0) <= most;
}

/** Of a further table, which has room for all of the file that needs it. */
function nextPlaces(tables: readonly Table[], kept: number): number {
  const places = tables.reduce((sum, { words }) => sum + words.length, 0);
  return Math.max(placesFor(kept), places * (places < manyPlaces ? 1 : further));
}

function writeLines({ shelf }: Store, { from }: Known, { octets, begins, count, hashes }: Lines): void {
  for (let line = 0; line < count; line += 1)
    writeLine(shelf, from + line, hashes[line] ?? 0, shapeOf(octets, begins[line] ?? 0, begins[line + 1] ?? 0));
}

function putPassages(store: Store, number: number, known: Known, { plain, size, starts }: Lines): void {
  const isDead = linesLeft(store.shelf) === 0 ? undefined : (held: number) => ownerOf(store.shelf.pieces, held) < 0;
  const putting: PuttingAll = { number, known, starts, size, isDead, kept: keptOf(size), line: 0 };
  winnow(plain, size, store.keyed, (batch) => putBatch(store, putting, batch));
}

interface PuttingAll extends Pick<Lines, "starts" | "size">, Pick<Putting, "isDead"> {
  readonly number: number;
  readonly known: Known;
  readonly kept: number;
  /** That the last passage stands in. */
  line: number;
}

/** Written over with each passage. */
const found = new Int32Array(sharers * 4);

/** The variables of a loop that is gone through for each passage are its own, not the file's. */
function putBatch(store: Store, putting: PuttingAll, { hashes, places, count }: Batch): void {
  const { number, known, starts, size, isDead, kept } = putting;
  const { from, rank } = known;
  let { line } = putting;
  fetchHomes(store.tables, hashes, count, found);
  for (let which = 0; which < count; which += 1) {
    const hash = hashes[which] ?? 0;
    const place = places[which] ?? 0;
    while ((starts[line + 1] ?? size) <= place) line += 1;
    if (isPublic(store.known.pieces, hash)) continue;
    const sharing = collectLines(store.tables, hash, found);
    if (sharing === 0 || mayEnter(store, { number, rank, hash }, found, sharing))
      putPassage(store, { hash, line: from + line, isDead }, kept);
  }
  putting.line = line;
}

/** Not twice from one file; and of too many files those stay whose ranks are least, in whatever order they came. `found`: `count` lines. */
export function mayEnter(
  store: Store,
  { number, rank, hash }: { number: number; rank: number; hash: number },
  found: Int32Array,
  count: number,
): boolean {
  let sharing = 0;
  let highest = rank;
  let last = -1;
  for (let which = 0; which < count; which += 1) {
    const line = found[which] ?? 0;
    const owner = ownerOf(store.shelf.pieces, line);
    const file = store.files[owner];
    if (file === undefined) continue;
    if (owner === number) return false;
    sharing += 1;
    if (file.known.rank > highest) {
      highest = file.known.rank;
      last = line;
    }
  }
  if (sharing < sharers) return true;
  if (last < 0) return false;
  for (const table of store.tables) if (dropLine(table, hash, last)) return true;
  return false;
}

/** Where something was before, in any table, or in the last where nothing was yet, or in one more. */
export function putPassage(store: Store, putting: Putting, kept: number): void {
  const last = store.tables.at(-1);
  for (const table of store.tables) {
    const fresh = table === last && store.taken < roomIn(table);
    const put = putLine(table, putting, fresh);
    store.taken += put ?? 0;
    // where there was room and yet no place near, the passage is missed, as in a search that ends there
    if (put !== undefined || fresh) return;
  }
  const next = openTable(nextPlaces(store.tables, kept));
  store.tables.push(next);
  store.taken = putLine(next, putting, true) ?? 0;
}

export function leave(store: Store, path: string): void {
  const number = store.byPath.get(path) ?? -1;
  const file = store.files[number];
  if (file === undefined) return;
  store.byPath.delete(path);
  store.files[number] = undefined;
  store.gaps.push(number);
  leaveLines(store.shelf, file.known.from, file.known.count);
  if (linesLeft(store.shelf) < Math.max(sweepAfter, store.shelf.end / 8)) return;
  for (const table of store.tables) sweepTable(table, (line) => ownerOf(store.shelf.pieces, line) < 0);
  freeLeft(store.shelf);
}
