// Content codings (RFC 9110 §8.4) that are understood, and what undoes them.

import {
  constants,
  createBrotliDecompress,
  createGunzip,
  createInflate,
  createInflateRaw,
  createZstdDecompress,
} from "node:zlib";

export type Decoder = ReturnType<typeof createGunzip>;

/** Of a Content-Encoding header's value; empty where it says nothing. */
export function codingOf(value: string): string {
  const coding = value.trim().toLowerCase();
  return coding === "identity" ? "" : coding;
}

/** Of what a decoder has to remember, 8 MiB: no sender may ask for more (RFC 9659 §3). Left alone, 4 KB would take 128 MiB. */
const zstdWindow = 23;

/** Undefined where the coding is unknown, or one upon another. `first`: the body's first octets. */
export function decoderFor(coding: string, first: Buffer): Decoder | undefined {
  switch (coding) {
    case "gzip":
    case "x-gzip":
      return createGunzip();
    case "br":
      return createBrotliDecompress();
    case "zstd":
      return createZstdDecompress({ params: { [constants.ZSTD_d_windowLogMax]: zstdWindow } });
    case "deflate":
      return startsAsZlib(first) ? createInflate() : createInflateRaw();
    default:
      return undefined;
  }
}

/** RFC 9110 §8.4.1.2 means zlib's format; some send the bare stream. RFC 1950 §2.2 tells them apart; one octet alone is taken for zlib's, which its low four bits then say. */
const startsAsZlib = (first: Buffer): boolean =>
  ((first[0] ?? 0) & 0x0f) === 8 && (first.length < 2 || first.readUInt16BE(0) % 31 === 0);
