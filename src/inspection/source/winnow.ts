// Robust winnowing (Schleimer, Wilkerson, Aiken, "Winnowing: local algorithms for document fingerprinting", SIGMOD 2003): of every
// `reach` passages that follow each other the one with the least keyed hash is kept. Two texts that share `passage + reach - 1`
// octets share a kept passage. The rolling hash is a cyclic polynomial (Cohen 1997).

import { type Keyed, mixed } from "./keyed.ts";
import { passage, reach } from "./limits.ts";

/** Kept passages in their order, as many as `count`: hashes of 32 bits, and where in `plain` they begin. Good until `take` is left. */
export interface Batch {
  readonly hashes: Uint32Array;
  readonly places: Uint32Array;
  readonly count: number;
}

/** Together, so that the loop below is left seldom: a call for each would cost as much as the rest of it. */
const together = 1024;
/** Given out and written over: whoever takes them keeps none. A text of many spans has most of them too short for memory of their own. */
const hashes = new Uint32Array(together);
const places = new Uint32Array(together);

/** Passages are hashed so many at a time, before any is chosen: a loop without a branch, which a wrong guess in the other would undo. */
const ahead = 4080;
/** Hashes are kept for a power of two of places, at least `ahead` and `reach`; less one. */
const ringed = 2 ** Math.ceil(Math.log2(ahead + reach)) - 1;
/** Of the text that is being looked at; what another left is written over before it is read. */
const ring = new Int32Array(ringed + 1);

export function winnow(plain: Uint8Array, size: number, keyed: Keyed, take: (batch: Batch) => void): void {
  const last = size - passage;
  let count = 0;
  let rolling = last < 0 ? 0 : firstOf(plain, keyed);
  let least = 0x7fffffff;
  let leastAt = 0;
  for (let from = 0; from <= last; from += ahead) {
    const to = Math.min(last + 1, from + ahead);
    rolling = roll(plain, { from, to, rolling }, keyed);
    for (let begin = from; begin < to; begin += 1) {
      const hash = ring[begin & ringed] ?? 0;
      const gone = begin - leastAt >= reach;
      if (hash < least || gone) {
        leastAt = begin;
        // the least one has left: the least of what is still there, the last of equals
        if (gone) leastAt = leastIn(begin);
        least = ring[leastAt & ringed] ?? 0;
      } else if (begin !== reach - 1 && begin !== last) continue;
      else if (begin === last && last >= reach) continue;
      if ((begin < reach - 1 && begin !== last) || repeats(plain, leastAt)) continue;
      hashes[count] = mixed(least ^ keyed.seed);
      places[count] = leastAt;
      count += 1;
      if (count < together) continue;
      take({ hashes, places, count });
      count = 0;
    }
  }
  take({ hashes, places, count });
}

/** The first passage without its last octet. */
function firstOf(plain: Uint8Array, { octets }: Keyed): number {
  let rolling = 0;
  for (let at = 0; at < passage - 1; at += 1)
    rolling = ((rolling << 1) | (rolling >>> 31)) ^ (octets[plain[at] ?? 0] ?? 0);
  return rolling;
}

/** Hashes the passages that begin from `from` to before `to` into the ring; gives what the next one begins with. */
function roll(
  plain: Uint8Array,
  { from, to, rolling: before }: { from: number; to: number; rolling: number },
  { octets, leaving }: Keyed,
): number {
  let rolling = before;
  for (let begin = from; begin < to; begin += 1) {
    rolling = ((rolling << 1) | (rolling >>> 31)) ^ (octets[plain[begin + passage - 1] ?? 0] ?? 0);
    ring[begin & ringed] = order(rolling);
    rolling ^= leaving[plain[begin] ?? 0] ?? 0;
  }
  return rolling;
}

function leastIn(begin: number): number {
  let at = begin;
  for (let back = begin - 1; back > begin - reach; back -= 1)
    if ((ring[back & ringed] ?? 0) < (ring[at & ringed] ?? 0)) at = back;
  return at;
}

function order(rolling: number): number {
  const mixing = Math.imul(rolling ^ (rolling >>> 15), 0x2c1b3c6d);
  return mixing ^ (mixing >>> 13);
}

/**
 * `========`, `0,0,0,0,`: a passage of up to four octets over and over says nothing of where it is from. What repeats after one or two
 * octets does so after four.
 */
const repeats = (plain: Uint8Array, from: number): boolean =>
  repeatsAfter(plain, from, 4) || repeatsAfter(plain, from, 3);

function repeatsAfter(plain: Uint8Array, from: number, period: number): boolean {
  const end = from + passage;
  let at = from + period;
  while (at < end && plain[at] === plain[at - period]) at += 1;
  return at === end;
}
