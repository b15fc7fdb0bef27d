// A sieve for two sides that wait for each other: nothing waits, for the other side may answer to nothing else. A credential is met
// when its last octet comes, and ends the stream there; what came in pieces before has gone on. To hold back what begins like one would
// show how one begins.

import type { OpenSieve, Sieve } from "../../domain/sieve.ts";

export class Trickle {
  readonly #sieve: Sieve;
  /** Of the bytes the sieve holds back, so many have gone on already: all but those of the next piece. */
  #ahead = 0;

  constructor(openSieve: OpenSieve) {
    this.#sieve = openSieve();
  }

  /** Undefined: a real credential was met, nothing more may go on. */
  push(chunk: Buffer): Buffer | undefined {
    const passed = this.#sieve.push(chunk);
    if (passed === undefined) return undefined;
    const whole = Buffer.concat([passed, this.#sieve.end()]);
    const fresh = whole.subarray(this.#ahead);
    this.#ahead = whole.length - passed.length;
    return fresh;
  }
}
