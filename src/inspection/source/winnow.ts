// Robust winnowing (Schleimer, Wilkerson, Aiken, "Winnowing: local algorithms for document fingerprinting", SIGMOD 2003): of every
// `reach` passages that follow each other the one with the least keyed hash is kept. Two texts that share `passage + reach - 1`
// octets share a kept passage. The rolling hash is a cyclic polynomial (Cohen 1997).

import { type Keyed, mixed } from "./keyed.ts";
import { passage, reach } from "./limits.ts";

/** Kept passages in their order, as many as `count`: hashes of 32 bits, and where in `plain` they begin. */
export interface Batch {
  readonly hashes: Uint32Array;
  readonly places: Uint32Array;
  readonly count: number;
}

/** Together, so that the loop below is left seldom: a call for each would cost as much as the rest of it. */
const together = 1024;

/** Hashes are kept for a power of two of places, at least `reach`; less one. */
const ringed = 2 ** Math.ceil(Math.log2(reach)) - 1;

export function winnow(
  plain: Uint8Array,
  size: number,
  { octets, leaving, seed }: Keyed,
  take: (batch: Batch) => void,
): void {
  const last = size - passage;
  // a text of many spans has most of them short: memory for one that has no passage would cost more than all the rest of it
  const room = Math.min(together, Math.max(0, last + 1));
  const hashes = new Uint32Array(room);
  const places = new Uint32Array(room);
  let count = 0;
  if (last < 0) {
    take({ hashes, places, count });
    return;
  }
  const ring = new Int32Array(ringed + 1);
  let rolling = 0;
  for (let at = 0; at < passage - 1; at += 1)
    rolling = ((rolling << 1) | (rolling >>> 31)) ^ (octets[plain[at] ?? 0] ?? 0);
  let least = 0x7fffffff;
  let leastAt = 0;
  for (let begin = 0; begin <= last; begin += 1) {
    rolling = ((rolling << 1) | (rolling >>> 31)) ^ (octets[plain[begin + passage - 1] ?? 0] ?? 0);
    const hash = order(rolling);
    rolling ^= leaving[plain[begin] ?? 0] ?? 0;
    ring[begin & ringed] = hash;
    const gone = begin - leastAt >= reach;
    if (hash < least || gone) {
      leastAt = begin;
      // the least one has left: the least of what is still there, the last of equals
      if (gone) leastAt = leastIn(ring, begin);
      least = ring[leastAt & ringed] ?? 0;
    } else if (begin !== reach - 1 && begin !== last) continue;
    else if (begin === last && last >= reach) continue;
    if ((begin < reach - 1 && begin !== last) || repeats(plain, leastAt)) continue;
    hashes[count] = mixed(least ^ seed);
    places[count] = leastAt;
    count += 1;
    if (count < room) continue;
    take({ hashes, places, count });
    count = 0;
  }
  take({ hashes, places, count });
}

function leastIn(ring: Int32Array, begin: number): number {
  let at = begin;
  for (let back = begin - 1; back > begin - reach; back -= 1)
    if ((ring[back & ringed] ?? 0) < (ring[at & ringed] ?? 0)) at = back;
  return at;
}

function order(rolling: number): number {
  const mixing = Math.imul(rolling ^ (rolling >>> 15), 0x2c1b3c6d);
  return mixing ^ (mixing >>> 13);
}

/** `========`, `0,0,0,0,`: a passage of up to four octets over and over says nothing of where it is from. */
function repeats(plain: Uint8Array, from: number): boolean {
  for (let period = 1; period <= 4; period += 1) {
    let at = from + period;
    while (at < from + passage && plain[at] === plain[at - period]) at += 1;
    if (at === from + passage) return true;
  }
  return false;
}
