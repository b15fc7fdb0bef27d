// AssemblyScript.
// Octets → lines as they are compared: what stands before them off, white space and NULs dropped, ASCII in lower case, each with
// a keyed hash of 16 bits (0: nothing is left of it) and 8 bits of how it is written. A line may go on in the next window.

import { afterBlanks, past, touchedEnd, untouch } from "./before-line.ts";
import { beginsAt, foldedAt, hashesAt, lettersAt, markedAt, plainAt, shapesAt, startsAt, textAt } from "./memory.ts";
import { mixed, weigh } from "./mixing.ts";

const newline: u32 = 10;
const carriage: u32 = 13;
/** Nothing that stands before a line reaches further, but for blanks behind a number. */
const ahead: usize = 1024;

/** Lines of the window that have ended, and its normalised octets. */
export let count: u32 = 0;
export let size: usize = 0;

/** Of the line that goes on from the window before: whether one does, and whether what stands before it is behind. */
let isOpen: bool = false;
let isBehind: bool = false;
let isPlain: bool = false;
let hash: u32 = 0;
let mark: u8 = 0;
/** Of how it is written: octets, their sum, how many returns are the last of them, and whether the last is a NUL. */
let length: u32 = 0;
let sum: u32 = 0;
let returns: u32 = 0;
let isNul: bool = false;

let seed: u32 = 0;

export function fillFolded(): void {
  for (let octet: u32 = 0; octet < 256; octet += 1) {
    const isDropped = octet === 0 || octet === 32 || octet - 9 <= 4;
    store<u8>(foldedAt + octet, isDropped ? 0 : octet - 65 <= 25 ? octet + 32 : octet);
  }
}

export function beginFold(by: u32): void {
  seed = by;
  openLine();
  isOpen = false;
}

function openLine(): void {
  isOpen = true;
  isBehind = false;
  isPlain = false;
  hash = seed;
  mark = 0;
  length = 0;
  sum = 0;
  returns = 0;
  isNul = false;
}

/** `first`: normalised octets before the window. Gives where what was read ends: before it, where more must be seen to go on. */
export function fold(to: usize, last: bool, first: usize): usize {
  count = 0;
  let at = textAt;
  let end = plainAt;
  store<u32>(beginsAt, 0);
  store<u32>(startsAt, first as u32);
  while (at < to) {
    if (!isOpen) openLine();
    if (!isBehind) {
      const from = at;
      at = takeOff(from, to, last);
      if (at > from) passOver(from, at);
      if (!isBehind) break;
    }
    const begins = at;
    const starts = end;
    // the place of an octet in its line, in the lowest bits
    const shift = length - (begins as u32);
    let hashing = hash;
    let summing = sum;
    let read: u32 = newline;
    for (; at < to; at += 1) {
      read = load<u8>(at);
      if (read === newline) break;
      const octet: u32 = load<u8>(foldedAt + read);
      // no branch for what is dropped, which would be guessed wrong at most blanks: it is written over, and changes no hash
      store<u8>(end, octet);
      end += (octet + 255) >>> 8;
      hashing = (hashing * (octet === 0 ? 1 : 0x01000193)) ^ load<u32>(lettersAt + (octet << 2));
      summing += weigh(read, shift + (at as u32));
    }
    hash = hashing;
    sum = summing;
    isPlain = isPlain || end > starts;
    if (at > begins) endAt(begins, at);
    if (at === to && !last) break;
    at = min(to, at + 1);
    endLine(at, first + (end - plainAt));
  }
  size = end - plainAt;
  return at;
}

/** Behind blanks and whatever stands before the line, as often as something does; `isBehind` where that is all of it. */
function takeOff(from: usize, to: usize, last: bool): usize {
  let at = afterBlanks(from, to);
  while (last || to - at >= ahead) {
    untouch();
    const next = at < to ? past(at, to) : at;
    // more must be seen; but where nothing is left to be let go of, what is seen is all
    if (!last && touchedEnd && at > textAt) break;
    if (next === at) {
      isBehind = true;
      break;
    }
    mark = 1;
    at = afterBlanks(next, to);
  }
  return at;
}

function passOver(from: usize, to: usize): void {
  for (let at = from; at < to; at += 1) sum += weigh(load<u8>(at), length + ((at - from) as u32));
  endAt(from, to);
}

/** The line has come to here. */
function endAt(from: usize, to: usize): void {
  length += (to - from) as u32;
  const final: u32 = load<u8>(to - 1);
  isNul = final === 0;
  if (final !== carriage) {
    returns = 0;
    return;
  }
  let at = to;
  while (at > from && load<u8>(at - 1) === carriage) at -= 1;
  returns = ((to - at) as u32) + (at === from ? returns : 0);
}

/** `begins`, `starts`: of the next one. */
function endLine(begins: usize, starts: usize): void {
  for (; returns > 0; returns -= 1) {
    length -= 1;
    sum -= weigh(carriage, length);
  }
  const hashed = mixed(hash ^ seed) & 0xffff;
  store<u16>(hashesAt + (count << 1), isPlain ? (hashed === 0 ? 1 : hashed) : 0);
  store<u8>(shapesAt + count, mixed(sum + length));
  store<u8>(markedAt + count, isNul ? 2 : mark);
  isOpen = false;
  count += 1;
  store<u32>(beginsAt + (count << 2), (begins - textAt) as u32);
  store<u32>(startsAt + (count << 2), starts as u32);
}
