// A span of what is no JSON: octets as they stand there, or a text decoded from them.

import type { Span } from "../../domain/span.ts";

/** Octets that are no UTF-8 are read one a character: nothing of them is lost to whoever looks for something. */
export function plainSpan(bytes: Buffer, { from, to }: { from: number; to: number }, path: string): Span {
  const text = bytes.toString("utf8", from, to);
  const isText = !text.includes("\ufffd");
  return {
    role: "unknown",
    kind: isText ? "text" : "media",
    place: { from, to, escaped: false },
    text: isText ? text : bytes.toString("latin1", from, to),
    path,
    fixed: !isText,
  };
}
