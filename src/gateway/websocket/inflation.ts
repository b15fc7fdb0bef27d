// A compressed message, attacker-controlled, piece by piece → what it says: RFC 7692 §7.2.2. One for each direction: a message may
// lean on those before it. Refuses a broken stream, one that ends itself, and a bomb.

import { createInflateRaw, type InflateRaw } from "node:zlib";

/** What a sender leaves off at a message's end. */
const tail = Buffer.from([0, 0, 0xff, 0xff]);

export class Inflation {
  /** Does a message lean on those before? */
  readonly #leans: boolean;
  readonly #bound: number;
  #inflate: InflateRaw | undefined;
  /** Octets of this message so far, and those of this piece. */
  #size = 0;
  #parts: Buffer[] = [];
  #fault: string | undefined;
  #settle: () => void = () => undefined;
  /** Octets given to what decompresses now. */
  #given = 0;

  constructor(leans: boolean, bound: number) {
    this.#leans = leans;
    this.#bound = bound;
  }

  /** One piece after the other. The octets it says, or why they cannot be read: then neither can any that follow. */
  async push(piece: Buffer, last: boolean): Promise<Buffer | string> {
    const inflate = this.#inflate ?? this.#open();
    this.#inflate = inflate;
    for (const bytes of last ? [piece, tail] : [piece]) {
      if (bytes.length > 0 && this.#fault === undefined) await this.#write(inflate, bytes);
    }
    const said = Buffer.concat(this.#parts);
    this.#parts = [];
    if (this.#fault !== undefined) return this.#fault;
    if (!last) return said;
    this.#size = 0;
    if (!this.#leans) this.close();
    return said;
  }

  close(): void {
    this.#inflate?.close();
    this.#inflate = undefined;
  }

  #open(): InflateRaw {
    const inflate = createInflateRaw();
    this.#given = 0;
    const fail = (why: string): void => {
      this.#fault ??= why;
      this.#settle();
    };
    inflate.on("data", (chunk: Buffer) => {
      this.#size += chunk.length;
      if (this.#size <= this.#bound) this.#parts.push(chunk);
      else {
        fail("a message that grows beyond all measure");
        inflate.destroy();
      }
    });
    inflate.on("error", () => fail("a message that cannot be decompressed"));
    return inflate;
  }

  async #write(inflate: InflateRaw, bytes: Buffer): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#settle = resolve;
    this.#given += bytes.length;
    inflate.write(bytes, () => resolve());
    await promise;
    // what follows a last block, one reader reads and another does not
    if (inflate.bytesWritten !== this.#given) this.#fault ??= "a compressed message that ends itself";
  }
}
