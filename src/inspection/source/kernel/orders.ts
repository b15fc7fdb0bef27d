// AssemblyScript. The rolling hash of each passage, a cyclic polynomial (Cohen 1997), made so that few are alike: by which it is chosen.

import { passage } from "../limits.ts";
import { carried, leavingAt, octetsAt, ordersAt, plainAt, together } from "./memory.ts";

let rolling: u32 = 0;
/** How many octets of the next passage are in `rolling`: the last is missing, but at the text's beginning more. */
let entered: i32 = 0;
/** Passages that are hashed, of all the text, and the first of those in `ordersAt` that stands behind those of before. */
export let hashed: i32 = 0;
let first: i32 = 0;

export function beginOrders(): void {
  rolling = 0;
  entered = 0;
  hashed = 0;
  first = 0;
}

/** Where a hash is: of passages hashed last, or of some before. They are signed. */
export function orderAt(place: i32): usize {
  return ordersAt + ((place - first + (carried as i32)) << 2);
}

function entering(at: usize): u32 {
  return load<u32>(octetsAt + ((load<u8>(at) as usize) << 2));
}

/** What of the first passage is there; `base`: octets before the window. */
export function enter(base: i32, size: i32): void {
  for (; entered < passage - 1 && entered < base + size; entered += 1)
    rolling = rotl<u32>(rolling, 1) ^ entering(plainAt + (entered - base));
}

/** The next passages, as many as there is room for, before `behind`. */
export function hashNext(base: i32, behind: i32): void {
  // what is still in reach
  memory.copy(ordersAt, orderAt(hashed) - (carried << 2), carried << 2);
  first = hashed;
  hashed = min(behind, first + (together as i32));
  const from = orderAt(first);
  const to = orderAt(hashed);
  let roll = rolling;
  let octet = plainAt + (first - base);
  for (let at = from; at < to; at += 4) {
    roll = rotl<u32>(roll, 1) ^ entering(octet + passage - 1);
    store<u32>(at, roll);
    roll ^= load<u32>(leavingAt + ((load<u8>(octet) as usize) << 2));
    octet += 1;
  }
  rolling = roll;
  const factor = i32x4.splat(0x2c1b3c6d);
  for (let at = from; at < to; at += 16) {
    const hashes = v128.load(at);
    const mixing = i32x4.mul(v128.xor(hashes, i32x4.shr_u(hashes, 15)), factor);
    v128.store(at, v128.xor(mixing, i32x4.shr_u(mixing, 13)));
  }
}
