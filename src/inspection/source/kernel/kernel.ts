// AssemblyScript, compiled into ../kernel-module.ts (`node scripts/kernel.ts`). A text, window after window → its lines and
// its kept passages, in memory that stays as large as it is. Whoever calls writes the text to `textAt` and reads the rest.

import { afterBlanks, past } from "./before-line.ts";
import { beginFold, count, fillFolded, fold, size } from "./fold.ts";
import { base, kept } from "./kept.ts";
import {
  beginsAt,
  end,
  hashesAt,
  leavingAt,
  lettersAt,
  linesAt,
  markedAt,
  octetsAt,
  passagesAt,
  placesAt,
  plainAt,
  shapesAt,
  startsAt,
  textAt,
  toldAt,
  window,
} from "./memory.ts";
import { mixed, weigh } from "./mixing.ts";
import { beginWinnow, winnow } from "./winnow.ts";

export {
  beginsAt,
  end,
  hashesAt,
  leavingAt,
  lettersAt,
  linesAt,
  markedAt,
  octetsAt,
  passagesAt,
  placesAt,
  plainAt,
  shapesAt,
  startsAt,
  textAt,
  toldAt,
  window,
};

fillFolded();

/** Another text. */
export function begin(seed: u32): void {
  beginFold(seed);
  beginWinnow(seed);
}

/** `length` octets of it, `last`: and no more; else as many as there is room for. Gives how many were read: the others come again. */
export function read(length: u32, last: bool): u32 {
  store<u32>(textAt + length, 0);
  const behind = fold(textAt + length, last, base);
  winnow(size as i32, last);
  store<u32>(toldAt, count);
  store<u32>(toldAt + 4, size as u32);
  store<u32>(toldAt + 8, kept);
  return (behind - textAt) as u32;
}

/**
 * Whether a line of a text of one window is written so behind something that is taken off, blanks kept; how it is as it stands is in
 * `shapesAt`. For telling a copy from a likeness.
 */
export function isWritten(line: u32, shape: u32): bool {
  const from = textAt + load<u32>(beginsAt + (line << 2));
  const to = textAt + load<u32>(beginsAt + ((line + 1) << 2));
  let tried = 1;
  let at = from;
  while (tried < 6) {
    at = afterBlanks(at, to);
    const next = at < to ? past(at, to) : at;
    if (next === at) return false;
    if (shapeOf(next, to) === shape) return true;
    // `12: text`, `> text`: one blank belongs to what was taken off, or to the line
    const isBlank = next < to && load<u8>(next) === 32;
    if (isBlank && shapeOf(next + 1, to) === shape) return true;
    tried += isBlank ? 2 : 1;
    at = next;
  }
  return false;
}

/**
 * How a line is written, in 8 bits: equal for equal lines, and for most others not. Its length and its octets' sum with their
 * places in fours: white space and case count. Without its end.
 */
function shapeOf(from: usize, to: usize): u32 {
  let end = to;
  while (end > from && (load<u8>(end - 1) === 10 || load<u8>(end - 1) === 13)) end -= 1;
  let sum = (end - from) as u32;
  for (let at = from; at < end; at += 1) sum += weigh(load<u8>(at), (at - from) as u32);
  return mixed(sum) & 0xff;
}
