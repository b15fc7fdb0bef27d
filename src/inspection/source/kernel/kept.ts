// AssemblyScript. The passages that are kept of a window: hashes, where they begin, and in which lines.

import { passage } from "../limits.ts";
import { count } from "./fold.ts";
import { carried, carriedLinesAt, linesAt, passagesAt, placesAt, plainAt, startsAt } from "./memory.ts";
import { mixed } from "./mixing.ts";

export let kept: u32 = 0;
/** Normalised octets before the window, and lines that ended before it. */
export let base: i32 = 0;
let firstLine: u32 = 0;
/** Line of the last passage that was kept. */
let line: u32 = 0;
let seed: u32 = 0;

export function beginKept(by: u32): void {
  seed = by;
  base = 0;
  firstLine = 0;
  line = 0;
}

/** None is kept but the first of them. */
export function keepOnly(first: u32): void {
  kept = first;
}

/** If it says something of where it is from. */
export function keep(place: i32, order: u32): void {
  const from = plainAt + (place - base);
  if (repeatsAfter(from, 4) || repeatsAfter(from, 3)) return;
  store<u32>(passagesAt + (kept << 2), mixed(order ^ seed));
  store<u32>(placesAt + (kept << 2), place);
  store<u32>(linesAt + (kept << 2), lineOf(place));
  kept += 1;
}

/**
 * `========`, `0,0,0,0,`: a passage of up to four octets over and over says nothing of where it is from. What repeats after one or two
 * octets does so after four.
 */
function repeatsAfter(from: usize, period: usize): bool {
  const end = from + passage;
  let at = from + period;
  while (at < end && load<u8>(at) === load<u8>(at - period)) at += 1;
  return at === end;
}

/** Most places come in order. */
function lineOf(place: i32): u32 {
  if (place < 0) return 0;
  if (place < base) return load<u32>(carriedLinesAt + ((place - base + (carried as i32)) << 2));
  if (line < firstLine) line = firstLine;
  while (line > firstLine && startOf(line) > place) line -= 1;
  while (line < firstLine + count && startOf(line + 1) <= place) line += 1;
  return line;
}

function startOf(line: u32): i32 {
  return load<i32>(startsAt + ((line - firstLine) << 2));
}

/** What the next window needs of this one: the last octets, and in which lines those stand. */
export function carry(size: i32): void {
  const behind = base + size;
  for (let at: i32 = 0; at < (carried as i32); at += 1)
    store<u32>(carriedLinesAt + ((at as usize) << 2), lineOf(behind - (carried as i32) + at));
  memory.copy(plainAt - carried, plainAt + size - carried, carried);
  base = behind;
  firstLine += count;
}
