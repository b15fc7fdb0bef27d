// Names that are no UTF-8, as text that keeps their bytes: each byte from 0x80 on of such a name is U+DC00 and it, a lone
// surrogate, which no UTF-8 can say. Text is what every path here is; the kernel gets the bytes again. Enters: names from
// the kernel, *attacker-controlled*. Whatever leaves this room for a record or a reader is made well-formed first.

import { isUtf8 } from "node:buffer";

/** `u`: a surrogate of a pair, a character beyond U+FFFF, is none of ours. */
const lone = /[\udc80-\udcff]/u;

export function nameOf(bytes: Buffer): string {
  return isUtf8(bytes)
    ? bytes.toString()
    : Array.from(bytes, (byte) => String.fromCharCode(byte < 0x80 ? byte : 0xdc00 + byte)).join("");
}

export const isRaw = (path: string): boolean => lone.test(path);

/** For the kernel: text where that is what it is. */
export function kernelPath(path: string): string | Buffer {
  if (!isRaw(path)) return path;
  const names = path.split("/").map((name) => {
    if (!isRaw(name)) return Buffer.from(name);
    return Buffer.from(Array.from(name, (unit) => unit.charCodeAt(0) & 0xff));
  });
  return Buffer.concat(names.flatMap((name, at) => (at === 0 ? [name] : [Buffer.from("/"), name])));
}
