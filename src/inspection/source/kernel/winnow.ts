// AssemblyScript.
// Robust winnowing (Schleimer, Wilkerson, Aiken, "Winnowing: local algorithms for document fingerprinting", SIGMOD 2003): of every
// `reach` passages that follow each other the one with the least keyed hash is kept. Two texts that share `passage + reach - 1`
// octets share a kept passage. Passages are hashed many at a time, before any is chosen.

import { passage } from "../limits.ts";
import { beginChoice, choose } from "./choose.ts";
import { base, beginKept, carry, keepOnly } from "./kept.ts";
import { beginOrders, enter, hashed, hashNext } from "./orders.ts";

export function beginWinnow(seed: u32): void {
  beginKept(seed);
  beginOrders();
  beginChoice();
}

/** The window's passages, and those that go on from the one before; `last`: the text ends with it. */
export function winnow(size: i32, last: bool): void {
  keepOnly(0);
  const behind = base + size - passage + 1;
  enter(base, size);
  while (hashed < behind) {
    hashNext(base, behind);
    choose(hashed, last ? behind - 1 : i32.MAX_VALUE);
  }
  carry(size);
}
