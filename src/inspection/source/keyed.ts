// A key → the numbers with which passages and lines are hashed, so that the index tells nothing to who has not the key. It is
// keyed, but no pseudo-random function: whoever can choose texts and read the tables could work it out. The tables stay in memory.

import { createHmac } from "node:crypto";
import { passage } from "./limits.ts";

export interface Keyed {
  /** A number for each octet, for passages. */
  readonly octets: Uint32Array;
  /** The same as a passage's first octet bears it, so that it can be taken out again. */
  readonly leaving: Uint32Array;
  /** A number for each octet, for lines; 0 for 0, which stands in none. */
  readonly letters: Uint32Array;
  readonly seed: number;
}

/** 32 octets; the same key gives the same hashes, in every worker. */
export function keyHashes(key: Uint8Array): Keyed {
  if (key.length !== 32) throw new RangeError("the key of source fingerprints has 32 octets");
  const drawn = (what: string, count: number): Uint32Array => {
    const numbers = new Uint32Array(count);
    for (let block = 0; block * 8 < count; block += 1) {
      const digest = createHmac("sha256", key).update(`source fingerprints ${what} ${block}`).digest();
      for (let at = 0; at < 8 && block * 8 + at < count; at += 1) numbers[block * 8 + at] = digest.readUInt32LE(at * 4);
    }
    return numbers;
  };
  const octets = drawn("octets", 256);
  const leaving = octets.map((number) => (number << (passage - 1)) | (number >>> (33 - passage)));
  const letters = drawn("letters", 256);
  letters[0] = 0;
  return { octets, leaving, letters, seed: drawn("seed", 1)[0] ?? 0 };
}

/** MurmurHash3's last step: every bit of the number moves every other. */
export function mixed(number: number): number {
  let mixing = number | 0;
  mixing = Math.imul(mixing ^ (mixing >>> 16), 0x85ebca6b);
  mixing = Math.imul(mixing ^ (mixing >>> 13), 0xc2b2ae35);
  return (mixing ^ (mixing >>> 16)) >>> 0;
}

/** A short text, such as a path, as 32 bits. */
export function hashText(text: string, { letters, seed }: Keyed): number {
  let hash = seed;
  for (const octet of Buffer.from(text)) hash = Math.imul(hash, 0x01000193) ^ (letters[octet] ?? 0);
  return mixed(hash ^ seed);
}
