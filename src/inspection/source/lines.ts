// Octets → lines as they are compared: what stands before them off, white space and NULs dropped, ASCII in lower case, each with
// a keyed hash of 16 bits (0: nothing is left of it). One pass; memory in proportion to the text.

import { lineBegins } from "./before-line.ts";
import { type Keyed, mixed } from "./keyed.ts";

export interface Lines {
  readonly octets: Uint8Array;
  readonly count: number;
  /** Where line `n` begins in `octets`; one more than there are lines. */
  readonly begins: Uint32Array;
  /** All lines' normalised octets, one after the other, and how many those are. */
  readonly plain: Uint8Array;
  readonly size: number;
  /** Where line `n` begins in `plain`; one more than there are lines. */
  readonly starts: Uint32Array;
  readonly hashes: Uint16Array;
  /** 1 where something was taken off before the line; 2 where a quoted string begins or ends with it (unescape.ts). */
  readonly marked: Uint8Array;
}

const newline = 10;
/** Each octet as it is compared; 0: dropped. */
export const folded: Uint8Array = Uint8Array.from({ length: 256 }, (_, octet) => {
  if (octet === 0 || octet === 32 || (octet >= 9 && octet <= 13)) return 0;
  return octet >= 65 && octet <= 90 ? octet + 32 : octet;
});

/** By which a line's hash is multiplied; what is dropped leaves it as it was. */
const factors: Int32Array = Int32Array.from({ length: 256 }, (_, octet) => (octet === 0 ? 1 : 0x01000193));

/** A last line without an end counts; nothing after the last end does not. */
export function normalise(octets: Uint8Array, keyed: Keyed): Lines {
  const lines = openLines(octets, Math.ceil(octets.length / likelyLine));
  let count = 0;
  let size = 0;
  for (let from = 0; from < octets.length; count += 1) {
    if (count === lines.hashes.length) grow(lines);
    from = foldLine(lines, { line: count, from, size }, keyed);
    size = lines.starts[count + 1] ?? 0;
    lines.begins[count + 1] = from;
  }
  return {
    ...lines,
    count,
    size,
    begins: lines.begins.subarray(0, count + 1),
    starts: lines.starts.subarray(0, count + 1),
    hashes: lines.hashes.subarray(0, count),
    marked: lines.marked.subarray(0, count),
  };
}

type Writing = { -readonly [Name in keyof Lines]: Lines[Name] };

/** Octets: for how many lines there is room at first. */
const likelyLine = 24;

/** One run of memory: six of them cost a short text more than reading it. */
function openLines(octets: Uint8Array, room: number): Writing {
  const memory = new ArrayBuffer((room + 1) * 8 + room * 3 + octets.length);
  const behind = (room + 1) * 8;
  return {
    octets,
    count: 0,
    begins: new Uint32Array(memory, 0, room + 1),
    plain: new Uint8Array(memory, behind + room * 3, octets.length),
    size: 0,
    starts: new Uint32Array(memory, (room + 1) * 4, room + 1),
    hashes: new Uint16Array(memory, behind, room),
    marked: new Uint8Array(memory, behind + room * 2, room),
  };
}

function grow(lines: Writing): void {
  const { begins, starts, hashes, marked } = lines;
  const more = openLines(lines.octets.subarray(0, 0), hashes.length * 2 + 1);
  more.begins.set(begins);
  more.starts.set(starts);
  more.hashes.set(hashes);
  more.marked.set(marked);
  Object.assign(lines, { begins: more.begins, starts: more.starts, hashes: more.hashes, marked: more.marked });
}

/** Writes the line that begins at `from`; gives where the next begins. */
function foldLine(
  { octets, plain, starts, hashes, marked }: Lines,
  { line, from, size }: { line: number; from: number; size: number },
  { letters, seed }: Keyed,
): number {
  const start = lineBegins(octets, from, octets.length);
  let end = size;
  let hash = seed;
  let at = start;
  for (; at < octets.length; at += 1) {
    const read = octets[at] ?? 0;
    if (read === newline) break;
    const octet = folded[read] ?? 0;
    // no branch for what is dropped, which would be guessed wrong at most blanks: it is written over, and changes no hash
    plain[end] = octet;
    end += (octet + 255) >> 8;
    hash = Math.imul(hash, factors[octet] ?? 0) ^ (letters[octet] ?? 0);
  }
  if (end > size) hashes[line] = mixed(hash ^ seed) & 0xffff || 1;
  if (start > from && markedBetween(octets, from, start)) marked[line] = 1;
  if (at > from && octets[at - 1] === 0) marked[line] = 2;
  starts[line + 1] = end;
  return Math.min(octets.length, at + 1);
}

function markedBetween(octets: Uint8Array, from: number, to: number): boolean {
  for (let at = from; at < to; at += 1) if (folded[octets[at] ?? 0] !== 0) return true;
  return false;
}

/**
 * How a line is written, in 8 bits: equal for equal lines, and for most others not. Its length and its octets' sum with their
 * places in fours: white space and case count. Without its end.
 */
export function shapeOf(octets: Uint8Array, from: number, to: number): number {
  let end = to;
  while (end > from && (octets[end - 1] === newline || octets[end - 1] === 13)) end -= 1;
  let sum = end - from;
  for (let at = from; at < end; at += 1) sum += (octets[at] ?? 0) << ((at - from) & 3);
  return mixed(sum) & 0xff;
}
