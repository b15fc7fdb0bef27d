// What the other end may ask of us that asks for nothing: settings, pings, window updates, resets, empty frames. Each costs;
// time and data that really passes give back. Who floods runs out, who works does not.

import type { Limits } from "../limits.ts";
import { type Frame, kinds } from "./frames.ts";

export class Patience {
  readonly #limits: Limits;
  /** Milliseconds. */
  readonly #clock: () => number;
  #left: number;
  #since: number;

  constructor(limits: Limits, clock: () => number) {
    this.#limits = limits;
    this.#clock = clock;
    this.#left = limits.idleFrames;
    this.#since = clock();
  }

  /** False where it is used up. */
  spend(cost: number): boolean {
    this.#left -= cost;
    if (this.#left >= 0) return true;
    const now = this.#clock();
    this.earn(((now - this.#since) * this.#limits.idleFramesPerSecond) / 1000);
    this.#since = now;
    return this.#left >= 0;
  }

  earn(worth: number): void {
    this.#left = Math.min(this.#limits.idleFrames, this.#left + worth);
  }
}

/** Who opens streams and takes them back costs more than who pings. */
export function costOf({ kind }: Frame): number {
  return kind === kinds.reset ? 2 : 1;
}
