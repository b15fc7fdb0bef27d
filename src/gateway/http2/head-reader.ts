// Header blocks, attacker-controlled → the fields in them, in order: RFC 7541. One reader a connection: a block may lean on all
// before it, so the first that cannot be read ends the connection. A block whose fields are too many is read and not kept.

import type { Limits } from "../limits.ts";
import { FieldTable, fieldCost } from "./field-table.ts";
import { readHuffman } from "./huffman.ts";

/** A header block as it stands on the wire. */
export interface Fields {
  /** Name and value alternating, pseudo-fields among them, order as received, Latin-1. */
  readonly list: readonly string[];
  /** Names whose value no table may ever hold (§6.2.3): who passes them on keeps that. */
  readonly never: ReadonlySet<string>;
  /** There were more than are kept. */
  readonly long: boolean;
}

/** The largest table the other end may fill; the value of RFC 9113 §6.5.2, so nothing has to be announced. */
const tableBound = 4096;
const nobody: ReadonlySet<string> = new Set();

export class HeadReader {
  readonly #limits: Limits;
  readonly #table = new FieldTable(tableBound);
  #bytes: Buffer = Buffer.alloc(0);
  #at = 0;

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  /** One whole block. Undefined where it is not well formed. */
  read(block: Buffer): Fields | undefined {
    this.#bytes = block;
    this.#at = 0;
    if (!this.#readSizes()) return undefined;
    const list: string[] = [];
    const never = new Set<string>();
    let size = 0;
    while (this.#at < block.length) {
      const first = block[this.#at] ?? 0;
      const field = this.#readField(first);
      if (field === undefined) return undefined;
      size += field.name.length + field.value.length + fieldCost;
      // a small block can name a large field thousands of times
      if (size > this.#limits.head) continue;
      list.push(field.name, field.value);
      if (first >> 4 === 1) never.add(field.name);
    }
    return { list, never: never.size === 0 ? nobody : never, long: size > this.#limits.head };
  }

  /** Changes of the table's size stand before everything else (§4.2); two say all that can be said. */
  #readSizes(): boolean {
    for (let count = 0; (this.#bytes[this.#at] ?? 0) >> 5 === 1; count += 1) {
      const size = this.#readNumber(5);
      if (count === 2 || size === undefined || size > tableBound) return false;
      this.#table.resize(size);
    }
    return true;
  }

  #readField(first: number) {
    if (first >> 7 === 1) return this.#table.at(this.#readNumber(7) ?? 0);
    const indexed = first >> 6 === 1;
    // a table's size, in the middle of fields
    if (first >> 5 === 1) return undefined;
    const index = this.#readNumber(indexed ? 6 : 4);
    const name = index === 0 ? this.#readText() : this.#table.at(index ?? 0)?.name;
    const value = name === undefined ? undefined : this.#readText();
    if (name === undefined || value === undefined) return undefined;
    const field = { name, value };
    if (indexed) this.#table.add(field);
    return field;
  }

  /** §5.1; 28 bits are more than anything here can count. */
  #readNumber(bits: number): number | undefined {
    const most = (1 << bits) - 1;
    let number = (this.#bytes[this.#at] ?? 0) & most;
    this.#at += 1;
    if (number < most) return number;
    for (let shift = 0; shift < 28; shift += 7) {
      const byte = this.#bytes[this.#at];
      if (byte === undefined) return undefined;
      this.#at += 1;
      number += (byte & 127) << shift;
      if (byte < 128) return number;
    }
    return undefined;
  }

  /** §5.2 */
  #readText(): string | undefined {
    const first = this.#bytes[this.#at];
    const size = first === undefined ? undefined : this.#readNumber(7);
    if (first === undefined || size === undefined || size > this.#bytes.length - this.#at) return undefined;
    const bytes = this.#bytes.subarray(this.#at, this.#at + size);
    this.#at += size;
    return first >= 128 ? readHuffman(bytes) : bytes.toString("latin1");
  }
}
