// AssemblyScript.
// Of hashes in a row, which are the least of some `reach` that follow each other: four at once, and one by one where that does not
// say which of two equal ones is meant: the one that was the least first, and when it has left the last one.

import { reach } from "../limits.ts";
import { keep, keepOnly, kept } from "./kept.ts";
import { marksAt } from "./memory.ts";
import { orderAt } from "./orders.ts";

/** The last one that was chosen, and of how many all choices are made. */
let leastAt: i32 = -1;
let least: i32 = 0;
let chosen: i32 = 0;

export function beginChoice(): void {
  leastAt = -1;
  least = i32.MAX_VALUE;
  chosen = 0;
}

/** Of all before `to`; `final`: the text's last. */
export function choose(to: i32, final: i32): void {
  // before that not all of what is compared is there
  const early = reach * 2;
  if (chosen < early) oneByOne(min(to, early), final);
  // sixteen at once, and behind them all with which those are compared
  const count = chosen < early ? 0 : (to - leastAt - reach) & ~15;
  if (count > 0) {
    mark(leastAt + 1, count);
    takeMarked(leastAt + 1, count);
  }
  oneByOne(to, final);
}

function oneByOne(to: i32, final: i32): void {
  for (; chosen < to; chosen += 1) {
    const hash = load<i32>(orderAt(chosen));
    const gone = chosen - leastAt >= reach;
    if (hash < least || gone || chosen === 0) {
      // the least one has left: the least of what is still there, the last of equals
      leastAt = gone ? leastIn(chosen) : chosen;
      least = load<i32>(orderAt(leastAt));
    } else if (chosen !== reach - 1 && (chosen !== final || final >= reach)) continue;
    if (chosen >= reach - 1 || chosen === final) keep(leastAt, least);
  }
}

function leastIn(last: i32): i32 {
  let at = last;
  for (let back = last - 1; back > last - reach; back -= 1)
    if (load<i32>(orderAt(back)) < load<i32>(orderAt(at))) at = back;
  return at;
}

/** The least of four that follow each other, for four that do. */
function leastOfFour(at: usize): v128 {
  const two = i32x4.min_s(v128.load(at), v128.load(at + 4));
  return i32x4.min_s(two, i32x4.min_s(v128.load(at + 8), v128.load(at + 12)));
}

/**
 * A hash is chosen where it is the greatest of the leasts of all `reach` in a row it stands in: no least is greater than what it is the
 * least of. Twelve in a row are three times four.
 */
function mark(from: i32, count: i32): void {
  let at = orderAt(from) - 48;
  let fours = leastOfFour(at);
  let nextFours = leastOfFour(at + 16);
  // of what comes before: leasts of twelve, the greatest of two of them, of four
  let before = fours;
  let beforeTwo = fours;
  let beforeFour = fours;
  let first = fours;
  for (let block = -3; block < count >> 2; block += 1) {
    const lastFours = leastOfFour(at + 32);
    const leasts = i32x4.min_s(fours, i32x4.min_s(nextFours, lastFours));
    const two = i32x4.max_s(leasts, v128.shuffle<i32>(before, leasts, 3, 4, 5, 6));
    const four = i32x4.max_s(two, v128.shuffle<i32>(beforeTwo, two, 2, 3, 4, 5));
    const greatest = i32x4.max_s(four, i32x4.max_s(beforeFour, first));
    if (block >= 0) store<u8>(marksAt + block, i32x4.bitmask(i32x4.eq(greatest, v128.load(at))));
    fours = nextFours;
    nextFours = lastFours;
    before = leasts;
    beforeTwo = two;
    first = beforeFour;
    beforeFour = four;
    at += 16;
  }
}

/** Of equals that are near each other only some are meant: then what is marked says nothing. */
function takeMarked(from: i32, count: i32): void {
  const at = leastAt;
  const hash = least;
  const behind = kept;
  let isTwice = false;
  store<u64>(marksAt + (count >> 2), 0);
  for (let done = 0; done < count; done += 32) {
    for (let marks = load<u64>(marksAt + (done >> 2)); marks !== 0; marks &= marks - 1) {
      const bit = ctz(marks) as i32;
      const place = from + done + ((bit >> 3) << 2) + (bit & 7);
      const order = load<i32>(orderAt(place));
      isTwice = isTwice || (order === least && place - leastAt < reach);
      leastAt = place;
      least = order;
      keep(place, order);
    }
  }
  if (!isTwice) {
    chosen = leastAt + 1;
    return;
  }
  leastAt = at;
  least = hash;
  keepOnly(behind);
}
