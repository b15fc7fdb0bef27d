// Names of files are bytes, *attacker-controlled*, and need be no text. Inside the watch they are text all the same, each byte
// above 0x7f of one that is no UTF-8 standing as a lone surrogate (U+DC80 to U+DCFF): so the kernel is asked for the very
// name the tool gave, and no other name looks the same. What is told to anybody else is `shown`.

import { isUtf8 } from "node:buffer";

export function textOf(bytes: Buffer): string {
  if (isUtf8(bytes)) return bytes.toString();
  return bytes.toString("latin1").replace(/[\x80-\xff]/g, (byte) => String.fromCharCode(0xdc00 + byte.charCodeAt(0)));
}

export function bytesOf(text: string): Buffer {
  if (text.isWellFormed()) return Buffer.from(text);
  return Buffer.concat(
    Array.from(text, (char) => {
      const code = char.codePointAt(0) ?? 0;
      return code >= 0xdc80 && code <= 0xdcff ? Buffer.from([code - 0xdc00]) : Buffer.from(char);
    }),
  );
}

/** As the C library takes it. */
export const terminated = (text: string): Buffer => Buffer.concat([bytesOf(text), Buffer.of(0)]);

/** Two names that are no text can look the same. */
export const shown = (text: string): string => text.toWellFormed();
