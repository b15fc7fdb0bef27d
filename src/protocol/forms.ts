// Forms: `application/x-www-form-urlencoded` (WHATWG URL, §5.1) and `multipart/form-data` (RFC 7578, RFC 2046 §5.1). Each value is a
// span, and each name; what is written in percent signs is looked at decoded, and not changed.

import type { Span } from "../domain/span.ts";
import { plainSpan } from "./shape/plain.ts";

/** Pairs and parts beyond this many are one span together. */
const most = 1_000;

export function readForm(bytes: Buffer): readonly Span[] {
  const spans: Span[] = [];
  let from = 0;
  for (let pairs = 0; from < bytes.length && pairs < most; pairs += 1) {
    const end = bytes.indexOf(0x26, from);
    const to = end < 0 ? bytes.length : end;
    const equals = bytes.subarray(from, to).indexOf(0x3d);
    const split = equals < 0 ? to : from + equals;
    const name = decoded(bytes, from, split);
    spans.push(coded(bytes, { from, to: split }, name, "key"));
    if (equals >= 0) spans.push(coded(bytes, { from: split + 1, to }, name, "free"));
    from = to + 1;
  }
  if (from < bytes.length) spans.push(plainSpan(bytes, { from, to: bytes.length }, ""));
  return spans.filter(({ place }) => place.to > place.from);
}

function coded(bytes: Buffer, { from, to }: { from: number; to: number }, path: string, kind: Span["kind"]): Span {
  const text = decoded(bytes, from, to);
  return { role: "unknown", kind, place: { from, to, escaped: false }, text, path, fixed: true };
}

function decoded(bytes: Buffer, from: number, to: number): string {
  const plain = bytes.toString("latin1", from, to).replaceAll("+", " ");
  const octets = plain.replace(/%([0-9a-fA-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(octets, "latin1").toString("utf8");
}

/** Undefined where it is not in parts as it says. */
export function readMultipart(bytes: Buffer, contentType: string): readonly Span[] | undefined {
  const [, quoted, plain] = /;\s*boundary=(?:"([^"]{1,70})"|([^\s;"]{1,70}))/i.exec(contentType) ?? [];
  const boundary = quoted ?? plain;
  if (boundary === undefined) return undefined;
  const delimiter = Buffer.from(`--${boundary}`, "latin1");
  const spans: Span[] = [];
  let at = bytes.indexOf(delimiter);
  if (at < 0) return undefined;
  if (at > 0) spans.push(plainSpan(bytes, { from: 0, to: at }, ""));
  for (let parts = 0; parts < most; parts += 1) {
    const from = at + delimiter.length;
    const next = bytes.indexOf(delimiter, from);
    const to = next < 0 ? bytes.length : next;
    spans.push(...readPart(bytes, from, to, `[${parts}]`));
    if (next < 0) return spans;
    at = next;
  }
  spans.push(plainSpan(bytes, { from: at, to: bytes.length }, ""));
  return spans;
}

/** Its head is content as its body is. */
function readPart(bytes: Buffer, from: number, to: number, path: string): readonly Span[] {
  const blank = bytes.subarray(from, to).indexOf("\r\n\r\n");
  const split = blank < 0 ? to : from + blank + 4;
  const spans = [plainSpan(bytes, { from, to: split }, path), plainSpan(bytes, { from: split, to }, path)];
  return spans.filter(({ place }) => place.to > place.from);
}
