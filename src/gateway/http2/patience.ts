// What the other end may ask of us that asks for nothing: settings, pings, window updates, resets, empty frames. Each costs;
// time and data that really passes give back. Who floods runs out, who works does not; who does not take what it is told gets nothing
// back, for every answer to it waits in our memory.

import type { Limits } from "../limits.ts";
import { type Frame, kinds } from "./frames.ts";

export class Patience {
  readonly #limits: Limits;
  /** Milliseconds. */
  readonly #clock: () => number;
  readonly #stuck: () => boolean;
  #left: number;
  #since: number;

  /** `stuck`: the other end takes nothing now. */
  constructor(limits: Limits, clock: () => number, stuck: () => boolean = () => false) {
    this.#limits = limits;
    this.#clock = clock;
    this.#stuck = stuck;
    this.#left = limits.idleFrames;
    this.#since = clock();
  }

  /** False where it is used up. */
  spend(cost: number): boolean {
    this.#left -= cost;
    if (this.#left >= 0) return true;
    if (this.#stuck()) return false;
    const now = this.#clock();
    this.earn(((now - this.#since) * this.#limits.idleFramesPerSecond) / 1000);
    this.#since = now;
    return this.#left >= 0;
  }

  earn(worth: number): void {
    if (this.#stuck()) return;
    this.#left = Math.min(this.#limits.idleFrames, this.#left + worth);
  }
}

/** Who opens streams and takes them back costs more than who pings. */
export function costOf({ kind }: Frame): number {
  return kind === kinds.reset ? 2 : 1;
}
