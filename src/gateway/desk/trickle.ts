// A sieve for two sides that wait for each other: a few bytes that could begin a credential go on at once, for the other side
// may answer to nothing else. Never as many as the shortest value that is looked for, so never a whole one.

import type { OpenSieve, Sieve } from "../../domain/sieve.ts";

/** Octets; values below that are not looked for at all. */
const shortest = 8;

export class Trickle {
  readonly #sieve: Sieve;
  /** Bytes the sieve has been given and not given back … */
  #held = 0;
  /** … of which so many, the first of them, have gone on already. */
  #ahead = 0;

  constructor(openSieve: OpenSieve) {
    this.#sieve = openSieve();
  }

  /** Undefined: a real credential was met, nothing more may go on. */
  push(chunk: Buffer): Buffer | undefined {
    const passed = this.#sieve.push(chunk);
    if (passed === undefined) return undefined;
    this.#held += chunk.length - passed.length;
    const known = Math.min(this.#ahead, passed.length);
    this.#ahead -= known;
    const fresh = passed.subarray(known);
    return this.#held < shortest ? Buffer.concat([fresh, this.#release()]) : fresh;
  }

  /** Nothing more comes. */
  end(): Buffer {
    return this.#release();
  }

  #release(): Buffer {
    const more = this.#sieve.end().subarray(this.#ahead);
    this.#ahead += more.length;
    return more;
  }
}
