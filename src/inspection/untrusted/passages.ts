// Passage → who brought it: open addressing over typed arrays, eight octets a place, doubled until it is as large as it may be. What
// those brought who are gone is passed over, and taken out when the table is made anew.

import { fill, firstPlaces, probes, sharers } from "./limits.ts";

/** A number from 1; the passage's bringer. */
export type Owner = number;

export interface Bringers {
  /** Is it there still? */
  readonly isThere: (owner: Owner) => boolean;
  /** Those that count as one: of a passage one of each is kept, the newest. */
  readonly groupOf: (owner: Owner) => number;
}

export class Passages {
  readonly #bringers: Bringers;
  readonly #most: number;
  #hashes = new Uint32Array(0);
  #owners = new Uint32Array(0);
  /** Places ever used since it was made. */
  #used = 0;

  constructor(bringers: Bringers, most: number) {
    this.#bringers = bringers;
    this.#most = most;
  }

  get octets(): number {
    return this.#hashes.byteLength + this.#owners.byteLength;
  }

  /** `again`: it was this owner's already. `full`: there is no room. */
  put(hash: number, owner: Owner): "kept" | "again" | "full" {
    if (this.#used >= this.#hashes.length * fill && !this.#renew()) return "full";
    const group = this.#bringers.groupOf(owner);
    const size = this.#hashes.length;
    let [free, others] = [-1, 0];
    for (let step = 0, at = homeOf(hash, size); step < probes; step += 1, at = at + 1 === size ? 0 : at + 1) {
      const held = this.#owners[at] ?? 0;
      if (held === 0 || !this.#bringers.isThere(held)) {
        if (free < 0) free = at;
        if (held === 0) break;
      } else if (this.#hashes[at] === hash) {
        others += 1;
        if (this.#bringers.groupOf(held) === group) {
          this.#owners[at] = owner;
          return held === owner ? "again" : "kept";
        }
      }
    }
    if (free < 0) return "full";
    if (others >= sharers) return "kept";
    if (this.#owners[free] === 0) this.#used += 1;
    this.#hashes[free] = hash;
    this.#owners[free] = owner;
    return "kept";
  }

  /** Into `into`, as many as there is room for → how many. */
  find(hash: number, into: Owner[]): number {
    const size = this.#hashes.length;
    let count = 0;
    if (size === 0) return 0;
    for (let step = 0, at = homeOf(hash, size); step < probes; step += 1, at = at + 1 === size ? 0 : at + 1) {
      const held = this.#owners[at] ?? 0;
      if (held === 0) break;
      if (this.#hashes[at] !== hash || !this.#bringers.isThere(held)) continue;
      into[count] = held;
      count += 1;
      if (count === sharers) break;
    }
    return count;
  }

  /** Without what is gone, and twice as large where that alone makes too little room. False: it is as large as it may be, and full. */
  #renew(): boolean {
    const [hashes, owners] = [this.#hashes, this.#owners];
    const alive = owners.reduce((sum, owner) => sum + (owner !== 0 && this.#bringers.isThere(owner) ? 1 : 0), 0);
    const size = Math.min(
      this.#most,
      Math.max(firstPlaces, alive * 2 > hashes.length * fill ? hashes.length * 2 : hashes.length),
    );
    // with a tenth of it free at least, or it would be made anew for every few
    if (alive >= size * fill * 0.9) return false;
    this.#hashes = new Uint32Array(size);
    this.#owners = new Uint32Array(size);
    this.#used = alive;
    for (const [place, owner] of owners.entries()) {
      if (owner === 0 || !this.#bringers.isThere(owner)) continue;
      let at = homeOf(hashes[place] ?? 0, size);
      while (this.#owners[at] !== 0) at = at + 1 === size ? 0 : at + 1;
      this.#hashes[at] = hashes[place] ?? 0;
      this.#owners[at] = owner;
    }
    return true;
  }
}

const homeOf = (hash: number, size: number): number => Math.floor((hash / 2 ** 32) * size);
