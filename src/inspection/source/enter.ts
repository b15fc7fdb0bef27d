// A passage of a file into the tables (enter-print.ts, of all of it), and a file out of them again.

import type { Keyed } from "./keyed.ts";
import type { KnownPublic } from "./known-public.ts";
import { sharers } from "./limits.ts";
import type { Lines } from "./lines.ts";
import type { Known } from "./reading.ts";
import { freeLeft, leaveLines, linesLeft, octetsWith, ownerOf, type Shelf } from "./shelf.ts";
import {
  dropLine,
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
  readonly weighty: boolean;
}

/** Ranks are 32 bits: half of them for those that come first. */
export const rankOf = (hash: number, weighty: boolean): number => (hash >>> 1) + (weighty ? 0 : 2 ** 31);

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
