// Passage → the lines in which it stands: open addressing over typed arrays, 5 octets a place. A place holds a line's number (24
// bits) and 16 bits of the passage's hash; the rest of the hash is where it lies. A table never grows: where one is full another
// begins, so nothing is moved and other workers may read meanwhile. One that reads while a file is put in may see half of it.

import { fill, leastPlaces, probes, reach } from "./limits.ts";

export interface Table {
  /** The line's number in the upper 24 bits, the hash's bits 8–15 below. */
  readonly words: Uint32Array;
  /** Of the hash's bits 0–7, 1 to 254; 0: never used; 255: used before. A search reads these alone until one is right. */
  readonly rests: Uint8Array;
  /** The same memory, four places at once. */
  readonly fours: Uint32Array;
}

/** A place that was used: a search goes on behind it. */
const gone = 255;
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

export const restOf = (hash: number): number => ((hash & 0xff) % 254) + 1;
/** The first of four places. */
export const homeOf = (hash: number, size: number): number => Math.floor((hash / 2 ** 32) * (size / 4)) * 4;
const ones = 0x01010101;
const tops = 0x80808080;
/** Whether one of four octets is 0 (Mycroft's test). */
const hasZero = (four: number): boolean => ((four - ones) & ~four & tops) !== 0;

/**
 * Reads where each of these hashes is at home, into `into`: memory is asked for all of them at once, and has them when they are looked
 * up one after the other, which otherwise waits for it each time. Most of what a look-up takes is that.
 */
export function fetchHomes(tables: readonly Table[], hashes: Uint32Array, into: Int32Array): void {
  let read = 0;
  for (const { fours } of tables)
    for (let which = 0; which < hashes.length; which += 1)
      read = (read + (fours[homeOf(hashes[which] ?? 0, fours.length * 4) >>> 2] ?? 0)) | 0;
  // kept, so that nothing of it is left out as useless
  into[0] = read;
}

/**
 * Every line held for this hash in any table, written into `into`, → how many. A line may be of a file that is gone. Its own loop:
 * it is what a text that has nothing of ours spends its time in.
 */
export function collectLines(tables: readonly Table[], hash: number, into: Int32Array): number {
  const sought = Math.imul(restOf(hash), ones);
  let count = 0;
  for (const table of tables) {
    const { fours } = table;
    const size = fours.length;
    let four = homeOf(hash, size * 4) >>> 2;
    for (let step = 0; step < probes; step += 1) {
      const held = fours[four] ?? 0;
      if (hasZero(held ^ sought)) count = collectFour(table, { hash, four }, into, count);
      if (hasZero(held)) break;
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
    if (rests[place] !== restOf(hash) || (word & 0xff) !== ((hash >>> 8) & 0xff)) continue;
    if (count === into.length) continue;
    into[count] = word >>> 8;
    count += 1;
  }
  return count;
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
  let four = homeOf(putting.hash, size * 4) >>> 2;
  for (let step = 0; step < probes; step += 1) {
    const held = fours[four] ?? 0;
    const may = putting.isDead !== undefined || hasZero(held) || hasZero(~held);
    const put = may ? putInFour(table, four, putting, fresh) : undefined;
    if (put !== undefined) return put === "none" ? undefined : put;
    four = four + 1 === size ? 0 : four + 1;
  }
  return undefined;
}

/** `none`: what is free may not be taken; `undefined`: nothing is. */
function putInFour({ words, rests }: Table, four: number, { hash, line, isDead }: Putting, fresh: boolean) {
  for (let place = four * 4; place < four * 4 + 4; place += 1) {
    const held = rests[place] ?? 0;
    if (held === 0 && !fresh) return "none";
    if (held !== 0 && held !== gone && isDead?.((words[place] ?? 0) >>> 8) !== true) continue;
    words[place] = (line << 8) | ((hash >>> 8) & 0xff);
    // last: a reader that sees the place sees its line
    rests[place] = restOf(hash);
    return held === 0 ? 1 : 0;
  }
  return undefined;
}

/** Takes one line's place back. */
export function dropLine({ words, rests }: Table, hash: number, line: number): boolean {
  const size = rests.length;
  const word = ((line << 8) | ((hash >>> 8) & 0xff)) >>> 0;
  let place = homeOf(hash, size);
  for (let step = 0; step < probes * 4 && rests[place] !== 0; step += 1) {
    if (words[place] === word && rests[place] === restOf(hash)) {
      rests[place] = gone;
      return true;
    }
    place = place + 1 === size ? 0 : place + 1;
  }
  return false;
}

/** Takes back every place whose line is dead. */
export function sweepTable({ words, rests }: Table, isDead: (line: number) => boolean): void {
  for (let place = 0; place < words.length; place += 1) {
    const rest = rests[place];
    if (rest !== 0 && rest !== gone && isDead((words[place] ?? 0) >>> 8)) rests[place] = gone;
  }
}
