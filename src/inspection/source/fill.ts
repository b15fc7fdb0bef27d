// Many files at once into an index that is empty: what `enterPrint` would make of them one after the other, a tenth of the time. All
// their passages are put in order first, so that the table is written from its beginning to its end, and nothing is searched for.

import type { Named, Store } from "./enter.ts";
import { type Placed, placePrint } from "./enter-print.ts";
import { addPublic, isPublic } from "./known-public.ts";
import { allLines, probes, sharers } from "./limits.ts";
import { type EachPair, type Pairs, sortPairs } from "./pairs.ts";
import type { Fingerprint, PublicPrint } from "./print.ts";
import { octetsWith, ownerOf } from "./shelf.ts";
import {
  expectedPlaces,
  homeOf,
  octetsFor,
  openTable,
  passOn,
  placesFor,
  putLine,
  type Table,
  writePlace,
} from "./table.ts";

export interface Filling extends Named {
  readonly print: Fingerprint;
}

interface Taken extends Placed {
  readonly print: Fingerprint;
}

export interface Filled {
  /** Those that found no room: they come one by one, and are omitted by name. */
  readonly left: readonly (Filling | PublicPrint)[];
}

/** Places for what changes later, without which it would begin another table; and a search in a table that is less full is shorter. */
const spare = 1 / 8;
const placesWith = (passages: number): number => placesFor(passages * (1 + spare));

/** Passages put in order together: memory does not grow with them. */
const together = 2 ** 22;

/** In their order, as one after the other would come. `expected`: octets of source that will come beside. */
export function fillStore(store: Store, all: readonly (Filling | PublicPrint)[], expected = 0): Filled {
  const count = roomFor(store, all);
  const taken = all.slice(0, count).flatMap((each) => placeOne(store, each));
  const passages = taken.reduce((sum, { print }) => sum + print.passages.length, 0);
  const table = openTable(Math.min(placesWith(passages) + expectedPlaces(expected), store.most / 8));
  store.tables.splice(0, store.tables.length, table);
  const filling: Writing = { table, cursor: 0, written: 0, late: [] };
  const known = Math.max(0, Math.ceil(Math.log2(passages / together)));
  for (let range = 0; range < 2 ** known; range += 1)
    writeGroups(store, filling, sortPairs(pairsIn(taken, { range, known }), known));
  for (const { hash, line } of filling.late)
    filling.written += putLine(table, { hash, line, isDead: undefined }, true) ?? 0;
  store.taken = filling.written;
  return { left: all.slice(count) };
}

function placeOne(store: Store, one: Filling | PublicPrint): readonly Taken[] {
  if ("kind" in one) {
    for (const hash of one.passages) addPublic(store.known, hash);
    return [];
  }
  const placed = placePrint(store, one, one.print);
  return placed === undefined ? [] : [{ ...placed, print: withoutPublic(store, one.print) }];
}

function withoutPublic({ known }: Store, print: Fingerprint): Fingerprint {
  if (known.pieces.length === 0) return print;
  const own = print.passages.map((hash) => (isPublic(known.pieces, hash) ? 0 : 1));
  return {
    ...print,
    passages: print.passages.filter((_, which) => own[which] === 1),
    places: print.places.filter((_, which) => own[which] === 1),
  };
}

/** How many of them, from the first on. */
function roomFor({ most, shelf }: Store, all: readonly (Filling | PublicPrint)[]): number {
  let [lines, passages] = [0, 0];
  for (const [nth, one] of all.entries()) {
    if ("kind" in one) continue;
    const { print } = one;
    lines += Math.ceil(Math.max(1, print.hashes.length) / 16) * 16;
    passages += print.passages.length;
    const places = placesWith(passages);
    if (lines > allLines || places > most / 8 || octetsFor(places) + octetsWith(shelf, lines) > most) return nth;
  }
  return all.length;
}

/** Those whose hashes begin with these bits. */
function pairsIn(files: readonly Taken[], { range, known }: { range: number; known: number }): EachPair {
  return (take) => {
    for (const { print, known: file } of files) {
      const { passages, places } = print;
      for (let which = 0; which < passages.length; which += 1) {
        const hash = passages[which] ?? 0;
        if (known === 0 || hash >>> (32 - known) === range) take(hash, file.from + (places[which] ?? 0));
      }
    }
  };
}

interface Writing {
  readonly table: Table;
  /** No place from here on is taken. */
  cursor: number;
  written: number;
  /** Behind the last place: they go on from the first. */
  readonly late: { readonly hash: number; readonly line: number }[];
}

/** In order, so that all places from where a hash is at home to the cursor are taken, and a search comes to it. */
function writeGroups(store: Store, writing: Writing, { hashes, lines }: Pairs): void {
  for (let from = 0; from < hashes.length; ) {
    const hash = hashes[from] ?? 0;
    let to = from + 1;
    while (to < hashes.length && hashes[to] === hash) to += 1;
    if (to - from > sharers) for (const line of firstOf(store, lines.subarray(from, to))) write(writing, hash, line);
    else for (let at = from; at < to; at += 1) write(writing, hash, lines[at] ?? 0);
    from = to;
  }
}

function write(writing: Writing, hash: number, line: number): void {
  const { table } = writing;
  const { words, fours } = table;
  const home = homeOf(hash, fours.length);
  const place = Math.max(home * 4, writing.cursor);
  if (place >= words.length) {
    writing.late.push({ hash, line });
    return;
  }
  // what no search would come to: missed, as where a place is sought that is not near
  if (place - home * 4 >= probes * 4) return;
  writing.cursor = place + 1;
  for (let four = home; four < place >>> 2; four += 1) passOn(table, hash, four);
  writePlace(table, place, hash, line);
  writing.written += 1;
}

/** Of too many files that share a passage, those whose ranks are least. */
function firstOf({ files, shelf }: Store, lines: Uint32Array): readonly number[] {
  const first: { line: number; rank: number }[] = [];
  for (const line of lines) {
    const rank = files[ownerOf(shelf.pieces, line)]?.known.rank ?? 0;
    if (first.length === sharers && rank >= (first.at(-1)?.rank ?? 0)) continue;
    const at = first.findIndex((one) => one.rank > rank);
    first.splice(at < 0 ? first.length : at, 0, { line, rank });
    if (first.length > sharers) first.pop();
  }
  return first.map(({ line }) => line).sort((a, b) => a - b);
}
