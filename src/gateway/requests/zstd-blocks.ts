// Octets of a zstd stream, attacker-controlled and cut anywhere → how many of them are whole blocks: RFC 8878 §3.1. A decoder gives a
// compressed block once all of it is there, and much of it stands in it as it is. Reads lengths alone: what is wrong with a stream is the
// decoder's to say, and a stream this does not understand is never whole again.

interface Part {
  /** Octets that say how long it is. */
  readonly head: number;
  /** Of the head's octets → what follows behind it, and what may stand there then. */
  readonly read: (head: Buffer) => { readonly size: number; readonly next: Part } | undefined;
}

const magic: Part = {
  head: 4,
  read: (head) => {
    return head.readUInt32LE(0) === 0xfd2fb528 ? { size: 0, next: descriptor } : undefined;
  },
};

/** §3.1.1.1.1 */
const descriptor: Part = {
  head: 1,
  read: ([bits = 0]) => {
    const single = (bits & 0x20) !== 0;
    const content = [single ? 1 : 0, 2, 4, 8][bits >> 6] ?? 0;
    const dictionary = [0, 1, 2, 4][bits & 3] ?? 0;
    return { size: (single ? 0 : 1) + dictionary + content, next: (bits & 4) === 0 ? block : checkedBlock };
  },
};

/** §3.1.1.2: one block after the other, and behind the last one a checksum, where there is one. */
const blockBefore = (checksum: number): Part => {
  const part: Part = {
    head: 3,
    read: (head) => {
      const bits = head.readUIntLE(0, 3);
      const size = ((bits >> 1) & 3) === 1 ? 1 : bits >> 3;
      return (bits & 1) === 0 ? { size, next: part } : { size: size + checksum, next: magic };
    },
  };
  return part;
};
const block = blockBefore(0);
const checkedBlock = blockBefore(4);

export class ZstdBlocks {
  #part: Part | undefined = magic;
  /** Octets of the part's head so far, and those still to come behind the head before. */
  #head: Buffer = Buffer.alloc(0);
  #left = 0;
  #seen = 0;
  /** Octets up to the end of what is whole. */
  whole = 0;

  push(chunk: Buffer): void {
    for (let at = 0; at < chunk.length && this.#part !== undefined; ) {
      const taken = this.#left > 0 ? this.#step(chunk.length - at) : this.#readHead(chunk.subarray(at));
      at += taken;
      this.#seen += taken;
      if (this.#part !== undefined && this.#left === 0 && this.#head.length === 0) this.whole = this.#seen;
    }
  }

  /** Over what stands behind a head. */
  #step(size: number): number {
    const taken = Math.min(this.#left, size);
    this.#left -= taken;
    return taken;
  }

  /** How many of these are the head's. */
  #readHead(bytes: Buffer): number {
    const { head, read } = this.#part ?? magic;
    const more = bytes.subarray(0, head - this.#head.length);
    const held = Buffer.concat([this.#head, more]);
    this.#head = held;
    if (held.length < head) return more.length;
    const found = read(held);
    this.#head = Buffer.alloc(0);
    this.#part = found?.next;
    this.#left = found?.size ?? 0;
    return more.length;
  }
}
