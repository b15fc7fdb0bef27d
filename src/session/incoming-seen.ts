// What was seen of one reply, part by part: sums, and of each kind of text that does not show the most it can carry, as of a reply that
// is handed on whole. So a stream of any length takes no more room, and what its first part held is not forgotten for what came after.

import type { Entered } from "../domain/inspection.ts";

export class Seen {
  readonly #bits = new Map<string, number>();
  #octets = 0;
  #missed = 0;
  #waiting = 0;
  #told: (() => void) | undefined;

  /** Undefined: nobody looked, for the session has ended or the inspector has. */
  async add(part: Promise<Entered | undefined>): Promise<void> {
    this.#waiting += 1;
    const { octets = 0, covert = [], missed = 0 } = (await part) ?? {};
    this.#waiting -= 1;
    this.#octets += octets;
    this.#missed += missed;
    for (const { label, bits } of covert) this.#bits.set(label, Math.max(bits, this.#bits.get(label) ?? 0));
    if (this.#waiting === 0) this.#told?.();
  }

  /** Within so many milliseconds; what was not seen by then is missed. */
  async all(patience: number): Promise<Entered> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#told = resolve;
    const late = setTimeout(resolve, patience);
    if (this.#waiting > 0) await promise;
    clearTimeout(late);
    const covert = [...this.#bits].map(([label, bits]) => ({ label, bits }));
    return { octets: this.#octets, covert, missed: this.#missed + (this.#waiting > 0 ? 1 : 0) };
  }
}
