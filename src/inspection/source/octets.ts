// A file's octets as a tool would read them into a text, so that both sides compare the same: UTF-16 by its mark, what is not
// UTF-8 with U+FFFD, no byte order mark.

import { isUtf8 } from "node:buffer";

export function asRead(octets: Uint8Array): Uint8Array {
  if (octets[0] === 0xff && octets[1] === 0xfe) return Buffer.from(new TextDecoder("utf-16le").decode(octets));
  if (octets[0] === 0xfe && octets[1] === 0xff) return Buffer.from(new TextDecoder("utf-16be").decode(octets));
  const marked = octets[0] === 0xef && octets[1] === 0xbb && octets[2] === 0xbf;
  const text = marked ? octets.subarray(3) : octets;
  return isUtf8(text) ? text : Buffer.from(new TextDecoder().decode(text));
}
