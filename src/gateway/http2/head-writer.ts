// Fields → a header block: RFC 7541. Nothing is ever put into the other end's table, so no value is remembered from one
// request to the next, a credential least of all; what the fixed table knows is named by it. Costs some hundred octets a head.

import { fixedField, fixedName } from "./field-table.ts";
import { huffmanSize, writeHuffman } from "./huffman.ts";

/** Opens every connection's first block: a table of size 0, so that none is expected to be followed (§4.2). */
const noTable = Buffer.from([0x20]);

export class HeadWriter {
  #begun = false;

  /** `list`: name and value alternating, Latin-1. `never`: names whose value no table may hold, here nor further on. */
  write(list: readonly string[], never: ReadonlySet<string>): Buffer {
    const parts: Buffer[] = this.#begun ? [] : [noTable];
    this.#begun = true;
    for (let at = 0; at < list.length; at += 2) {
      const name = list[at] ?? "";
      const value = list[at + 1] ?? "";
      const known = never.has(name) ? undefined : fixedField(name, value);
      if (known !== undefined) {
        parts.push(writeNumber(known, 7, 0x80));
        continue;
      }
      const index = fixedName(name);
      parts.push(writeNumber(index ?? 0, 4, never.has(name) ? 0x10 : 0));
      if (index === undefined) parts.push(writeText(name));
      parts.push(writeText(value));
    }
    return Buffer.concat(parts);
  }
}

/** §5.1; `flags`: the bits above. */
function writeNumber(number: number, bits: number, flags: number): Buffer {
  const most = (1 << bits) - 1;
  if (number < most) return Buffer.from([flags | number]);
  const bytes = [flags | most];
  let rest = number - most;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128);
  return Buffer.from([...bytes, rest]);
}

/** §5.2, whichever way is shorter. */
function writeText(text: string): Buffer {
  const size = huffmanSize(text);
  if (size >= text.length) return Buffer.concat([writeNumber(text.length, 7, 0), Buffer.from(text, "latin1")]);
  const length = writeNumber(size, 7, 0x80);
  const bytes = Buffer.allocUnsafe(length.length + size);
  length.copy(bytes);
  writeHuffman(text, bytes, length.length);
  return bytes;
}
