// Octets of a message that is not whole yet, in whatever chunks they come: held until it is. *Attacker-controlled*; whoever holds
// them bounds them by `size`.

import { Pieces } from "../../domain/pieces.ts";

export class Held {
  readonly #pieces = new Pieces();
  size = 0;

  /** The chunk must not change any more. */
  add(chunk: Buffer): void {
    if (chunk.length === 0) return;
    this.#pieces.add(chunk);
    this.size += chunk.length;
  }

  /** All of it; nothing is held then. */
  take(): Buffer {
    const octets = Buffer.concat(this.#pieces.all);
    this.#pieces.clear();
    this.size = 0;
    return octets;
  }
}
