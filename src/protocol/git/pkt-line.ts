// Bytes as they come → git's packet lines (gitprotocol-common(5)): four hexadecimal digits that count themselves, then that
// much; 0000 ends a section. Attacker-controlled throughout; keeps no more than it was told it may.

export type Packet = { readonly kind: "flush" } | { readonly kind: "line"; readonly bytes: Buffer };

/** `more`: not whole yet. `bad`: no packet line git itself would write here. */
export type Read = Packet | { readonly kind: "more" } | { readonly kind: "bad"; readonly reason: string };

export class PacketLines {
  readonly #bound: number;
  #bytes = Buffer.alloc(0);
  #length = 0;
  #at = 0;

  /** `bound`: bytes kept in all. */
  constructor(bound: number) {
    this.#bound = bound;
  }

  /** False where that is more than may be kept; then nothing of it is. */
  add(chunk: Buffer): boolean {
    const needed = this.#length + chunk.length;
    if (needed > this.#bound) return false;
    if (needed > this.#bytes.length) {
      const grown = Buffer.alloc(Math.min(this.#bound, Math.max(needed, this.#bytes.length * 2)));
      this.#bytes.copy(grown, 0, 0, this.#length);
      this.#bytes = grown;
    }
    chunk.copy(this.#bytes, this.#length);
    this.#length = needed;
    return true;
  }

  /** Everything that was added, read or not. */
  get whole(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  next(): Read {
    if (this.#length - this.#at < 4) return { kind: "more" };
    const digits = this.#bytes.toString("latin1", this.#at, this.#at + 4);
    if (!/^[0-9a-f]{4}$/i.test(digits)) return { kind: "bad", reason: "it does not begin with a packet's length" };
    const size = Number.parseInt(digits, 16);
    if (size === 0) {
      this.#at += 4;
      return { kind: "flush" };
    }
    // 0001 to 0003 are other signs, which belong nowhere here; 0004 is an empty line, which nobody writes; 65520 the longest
    if (size <= 4 || size > 65_520) return { kind: "bad", reason: "a packet has a length that belongs nowhere here" };
    if (this.#length - this.#at < size) return { kind: "more" };
    const bytes = this.#bytes.subarray(this.#at + 4, this.#at + size);
    this.#at += size;
    return { kind: "line", bytes };
  }
}
