// Bytes that come in pieces of any size, attacker-controlled, and are kept: a piece of one octet costs as much beside it as a hundred do,
// so small ones are put together.

/** Bytes; a larger piece is kept as it is. */
const small = 4096;
/** So many small ones at the end become one. */
const many = 64;

export class Pieces {
  #parts: Buffer[] = [];
  /** Small ones at the end. */
  #small = 0;

  /** The piece must not change any more. */
  add(piece: Buffer): void {
    this.#parts.push(piece);
    this.#small = piece.length < small ? this.#small + 1 : 0;
    if (this.#small < many) return;
    const some = this.#parts.splice(-many);
    // memory of its own: a slice would keep all that it was cut from
    const joined = Buffer.allocUnsafeSlow(some.reduce((size, { length }) => size + length, 0));
    let at = 0;
    for (const one of some) at += one.copy(joined, at);
    this.#parts.push(joined);
    this.#small = joined.length < small ? 1 : 0;
  }

  get all(): readonly Buffer[] {
    return this.#parts;
  }

  clear(): void {
    this.#parts = [];
    this.#small = 0;
  }
}
