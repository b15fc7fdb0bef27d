// Passage → the lines in which it stands: open addressing over typed arrays, 5 octets a place, four places together. A place holds a
// line's number (24 bits) and 15 bits of the passage's hash; the rest of the hash is where it lies. Four places know whether what is at
// home there, or before, lies behind them: so what is not in the table is mostly told by one number of 32 bits. A table never grows:
// where one is full another begins, so nothing is moved and other workers may read meanwhile. One that reads while a file is put in may
// see half of it.

import { fill, leastPlaces, probes, reach } from "./limits.ts";

export interface Table {
  /** The line's number in the upper 24 bits, the hash's bits 8–15 below. */
  readonly words: Uint32Array;
  /**
   * Of the hash's bits 0–7, 1 to 126; 0: never used; 127: used before. The highest bit is not the place's: of the four places' four, one
   * is set where a passage of that class went on to the next.
   */
  readonly rests: Uint8Array;
  /** The same memory, four places at once. */
  readonly fours: Uint32Array;
}

/** A place that was used. */
const gone = 127;
const passedOn = 0x80;
const octetsAPlace = 5;

const sizeFor = (places: number): number => Math.ceil(Math.max(leastPlaces, places) / 4) * 4;
export const octetsFor = (places: number): number => sizeFor(places) * octetsAPlace;

export function openTable(places: number): Table {
  const size = sizeFor(places);
  const rests = new SharedArrayBuffer(size);
  return {
    words: new Uint32Array(new SharedArrayBuffer(size * 4)),
    rests: new Uint8Array(rests),
    fours: new Uint32Array(rests),
  };
}

export const tableOctets = ({ words }: Table): number => words.length * octetsAPlace;
export const roomIn = ({ words }: Table): number => Math.floor(words.length * fill);

/** Places a table needs for so many passages. */
export const placesFor = (passages: number): number => Math.ceil(passages / fill) + 1;

/** Passages kept of so many normalised octets: one in half of `reach + 1`. */
export const keptOf = (octets: number): number => Math.ceil((octets * 2) / (reach + 1));
/** Kept passages of an octet of source that are not in the same file already; measured over TypeScript. */
const distinct = 0.108;
export const expectedPlaces = (octets: number): number => placesFor(octets * distinct);

export const restOf = (hash: number): number => (((hash & 0xff) * 126) >>> 8) + 1;
/** The four places where it is at home, of so many fours. */
export const homeOf = (hash: number, fours: number): number => (hash * (fours / 2 ** 32)) >>> 0;
/** Which of the highest bits says that it, or one like it, went on. */
const classOf = (hash: number): number => (hash >>> 6) & 3;
const ones = 0x01010101;
const tops = 0x80808080 | 0;
const bottoms = 0x7f7f7f7f;
/** Not 0 where one of four numbers of 7 bits is 0. */
const zeroIn = (four: number): number => ((four + bottoms) & tops) ^ tops;

/** So many are asked about at once. */
export const together = 1024;
const homes = new Uint32Array(together);
const helds = new Uint32Array(together);
const may = new Int32Array(together);

/**
 * Of up to `together` hashes those that may be in a table, by their place among them, into `into`, → how many. Memory is asked for all of
 * them at once, and no branch hangs on what it holds: a text that has nothing of ours spends its time here.
 */
export function likely(tables: readonly Table[], hashes: Uint32Array, into: Uint16Array): number {
  may.fill(0, 0, hashes.length);
  for (const { fours } of tables) {
    const scale = fours.length / 2 ** 32;
    for (let which = 0; which < hashes.length; which += 1) homes[which] = (hashes[which] ?? 0) * scale;
    for (let which = 0; which < hashes.length; which += 1) helds[which] = fours[homes[which] ?? 0] ?? 0;
    for (let which = 0; which < hashes.length; which += 1) {
      const hash = hashes[which] ?? 0;
      const held = helds[which] ?? 0;
      const sought = Math.imul(restOf(hash), ones);
      may[which] = (may[which] ?? 0) | zeroIn((held & bottoms) ^ sought) | (held & (passedOn << (classOf(hash) * 8)));
    }
  }
  let count = 0;
  for (let which = 0; which < hashes.length; which += 1) {
    const one = may[which] ?? 0;
    into[count] = which;
    count += (one | -one) >>> 31;
  }
  return count;
}

/** Every line held for this hash in any table, written into `into`, → how many. A line may be of a file that is gone. */
export function collectLines(tables: readonly Table[], hash: number, into: Int32Array): number {
  const sought = Math.imul(restOf(hash), ones);
  const onward = passedOn << (classOf(hash) * 8);
  let count = 0;
  for (const table of tables) {
    const { fours } = table;
    const size = fours.length;
    let four = homeOf(hash, size);
    for (let step = 0; step < probes; step += 1) {
      const held = fours[four] ?? 0;
      if (zeroIn((held & bottoms) ^ sought) !== 0) count = collectFour(table, { hash, four }, into, count);
      if ((held & onward) === 0) break;
      four = four + 1 === size ? 0 : four + 1;
    }
  }
  return count;
}

function collectFour(
  { words, rests }: Table,
  { hash, four }: { hash: number; four: number },
  into: Int32Array,
  from: number,
): number {
  let count = from;
  for (let place = four * 4; place < four * 4 + 4; place += 1) {
    const word = words[place] ?? 0;
    if (((rests[place] ?? 0) & gone) !== restOf(hash) || (word & 0xff) !== ((hash >>> 8) & 0xff)) continue;
    if (count === into.length) continue;
    into[count] = word >>> 8;
    count += 1;
  }
  return count;
}

/** It lies behind these four places, not in them. */
export function passOn({ rests }: Table, hash: number, four: number): void {
  const place = four * 4 + classOf(hash);
  rests[place] = (rests[place] ?? 0) | passedOn;
}

/** A place's line. Last what is searched for first: a reader that sees the place sees its line. */
export function writePlace({ words, rests }: Table, place: number, hash: number, line: number): void {
  words[place] = (line << 8) | ((hash >>> 8) & 0xff);
  rests[place] = ((rests[place] ?? 0) & passedOn) | restOf(hash);
}

export interface Putting {
  readonly hash: number;
  readonly line: number;
  /** Whether a line that is held is of no file any more; `undefined`: none is. */
  readonly isDead: ((line: number) => boolean) | undefined;
}

/**
 * Puts a line in the first place that is dead, or was never used where `fresh` allows it; `undefined`: there is none; else 1 where
 * it was never used.
 */
export function putLine(table: Table, putting: Putting, fresh: boolean): 0 | 1 | undefined {
  const { fours } = table;
  const size = fours.length;
  const home = homeOf(putting.hash, size);
  for (let step = 0; step < probes; step += 1) {
    const four = (home + step) % size;
    const held = (fours[four] ?? 0) & bottoms;
    const may = putting.isDead !== undefined || zeroIn(held) !== 0 || zeroIn(held ^ bottoms) !== 0;
    const put = may ? putInFour(table, four, putting, fresh) : undefined;
    if (put === "none") return undefined;
    if (put === undefined) continue;
    for (let back = 0; back < step; back += 1) passOn(table, putting.hash, (home + back) % size);
    return put;
  }
  return undefined;
}

/** `none`: what is free may not be taken; `undefined`: nothing is. */
function putInFour(table: Table, four: number, { hash, line, isDead }: Putting, fresh: boolean) {
  const { words, rests } = table;
  for (let place = four * 4; place < four * 4 + 4; place += 1) {
    const held = (rests[place] ?? 0) & gone;
    if (held === 0 && !fresh) return "none";
    if (held !== 0 && held !== gone && isDead?.((words[place] ?? 0) >>> 8) !== true) continue;
    writePlace(table, place, hash, line);
    return held === 0 ? 1 : 0;
  }
  return undefined;
}

/** Takes one line's place back. */
export function dropLine(table: Table, hash: number, line: number): boolean {
  const { words, rests, fours } = table;
  const word = ((line << 8) | ((hash >>> 8) & 0xff)) >>> 0;
  const home = homeOf(hash, fours.length);
  for (let step = 0; step < probes; step += 1) {
    const four = (home + step) % fours.length;
    for (let place = four * 4; place < four * 4 + 4; place += 1) {
      if (words[place] !== word || ((rests[place] ?? 0) & gone) !== restOf(hash)) continue;
      free(table, place);
      return true;
    }
    if (((fours[four] ?? 0) & (passedOn << (classOf(hash) * 8))) === 0) return false;
  }
  return false;
}

function free({ rests }: Table, place: number): void {
  rests[place] = (rests[place] ?? 0) | gone;
}

/** Takes back every place whose line is dead. */
export function sweepTable(table: Table, isDead: (line: number) => boolean): void {
  const { words, rests } = table;
  for (let place = 0; place < words.length; place += 1) {
    const rest = (rests[place] ?? 0) & gone;
    if (rest !== 0 && rest !== gone && isDead((words[place] ?? 0) >>> 8)) free(table, place);
  }
}
