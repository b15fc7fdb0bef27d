// Pieces laid end to end in one run of octets, and where each of them began: a body of a million texts is one buffer here and three
// lists of numbers, no object for each. Pure.

import type { Piece } from "./pieces.ts";

/** A piece in its place: which span's, and which of that span's pieces. */
export interface Placed {
  /** -1: it has left already. */
  readonly span: number;
  readonly nth: number;
  readonly from: number;
  readonly to: number;
}

export class Strip {
  #octets = Buffer.allocUnsafe(1_024);
  #size = 0;
  readonly #starts: number[] = [];
  readonly #spans: number[] = [];
  readonly #nths: number[] = [];

  get pieces(): number {
    return this.#starts.length;
  }

  get octets(): Buffer {
    return this.#octets.subarray(0, this.#size);
  }

  lay(span: number, nth: number, octets: Piece["octets"]): void {
    this.#starts.push(this.#size);
    this.#spans.push(span);
    this.#nths.push(nth);
    const size = this.#size + octets.length;
    if (size > this.#octets.length) {
      const grown = Buffer.allocUnsafe(Math.max(size, 2 * this.#octets.length));
      this.octets.copy(grown);
      this.#octets = grown;
    }
    octets.copy(this.#octets, this.#size);
    this.#size = size;
  }

  /** The pieces that octets from `from` to before `to` lie in, and where in each of them. */
  *touched(from: number, to: number): Generator<Placed> {
    for (let at = this.#holding(from); at < this.#starts.length && this.#startOf(at) < to; at += 1) {
      const [start, end] = [this.#startOf(at), this.#startOf(at + 1)];
      const [first, last] = [Math.max(from, start) - start, Math.min(to, end) - start];
      if (last > first) yield { span: this.#spans[at] ?? -1, nth: this.#nths[at] ?? 0, from: first, to: last };
    }
  }

  #startOf(at: number): number {
    return this.#starts[at] ?? this.#size;
  }

  /** The last that begins at or before it. */
  #holding(offset: number): number {
    let [low, high] = [0, this.#starts.length];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (this.#startOf(middle) <= offset) low = middle;
      else high = middle;
    }
    return low;
  }
}
