// A value as the octets of one of many writers of JSON, in one of the codings of a body, cut anywhere.

import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from "node:zlib";
import fc from "fast-check";

export interface Writing {
  readonly indent: number;
  /** Every so manieth character of a string is written as an escape; 0: none but those that must be. */
  readonly escape: number;
  readonly coding: keyof typeof coders;
  /** Anywhere: taken modulo the length. */
  readonly cuts: readonly number[];
}

const coders = {
  identity: (octets: Buffer): Buffer => octets,
  gzip: (octets: Buffer): Buffer => gzipSync(octets),
  deflate: (octets: Buffer): Buffer => deflateSync(octets),
  br: (octets: Buffer): Buffer => brotliCompressSync(octets),
  zstd: (octets: Buffer): Buffer => zstdCompressSync(octets),
};

export const cuts: fc.Arbitrary<readonly number[]> = fc.array(fc.nat(), { maxLength: 12 });

export const writing: fc.Arbitrary<Writing> = fc.record({
  indent: fc.constantFrom(0, 0, 1, 2),
  escape: fc.constantFrom(0, 0, 1, 3, 7),
  coding: fc.constantFrom("identity", "identity", "gzip", "deflate", "br", "zstd"),
  cuts,
});

export interface Written {
  /** Undefined where it is not coded. */
  readonly encoding: string | undefined;
  readonly octets: Buffer;
  readonly plain: Buffer;
}

export function write(value: unknown, { indent, escape, coding }: Writing): Written {
  const text = JSON.stringify(value, undefined, indent);
  const plain = Buffer.from(escape === 0 ? text : escaped(text, escape));
  return { encoding: coding === "identity" ? undefined : coding, plain, octets: coders[coding](plain) };
}

/** Letters alone, which only strings have in numbers; words of JSON are left. */
function escaped(text: string, every: number): string {
  let count = 0;
  return text.replaceAll(/"(?:[^"\\]|\\.)*"/g, (string) =>
    string.replaceAll(/\\u[0-9a-f]{4}|\\.|[^"\\]/gu, (one) => {
      if (one.length > 1 || one < " ") return one;
      count += 1;
      return count % every === 0 ? `\\u${one.charCodeAt(0).toString(16).padStart(4, "0")}` : one;
    }),
  );
}

export function cut(octets: Buffer, places: readonly number[]): readonly Buffer[] {
  const ends = [...new Set(places.map((place) => place % (octets.length + 1)))].sort((a, b) => a - b);
  return [...ends, octets.length].map((end, at) => octets.subarray(at === 0 ? 0 : ends[at - 1], end));
}
