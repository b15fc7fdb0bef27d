// A reply's octets as they came → what they say when decoded, as far as they came. Bounded: what grows beyond is not looked at.

import {
  brotliDecompressSync,
  constants,
  gunzipSync,
  inflateRawSync,
  inflateSync,
  zstdDecompressSync,
} from "node:zlib";

/** Octets a reply may be when decoded. */
const most = 8 * 2 ** 20;

/** The end may be missing: it was cut, or is still to come. */
const zlib = { maxOutputLength: most, finishFlush: constants.Z_SYNC_FLUSH };
const decoders: Readonly<Record<string, (octets: Buffer) => Buffer>> = {
  "": (octets) => octets,
  gzip: (octets) => gunzipSync(octets, zlib),
  deflate: (octets) => (((octets[0] ?? 0) & 15) === 8 ? inflateSync(octets, zlib) : inflateRawSync(octets, zlib)),
  br: (octets) =>
    brotliDecompressSync(octets, { maxOutputLength: most, finishFlush: constants.BROTLI_OPERATION_FLUSH }),
  zstd: (octets) => zstdDecompressSync(octets, { maxOutputLength: most, finishFlush: constants.ZSTD_e_flush }),
};

/** What servers say that changes nothing of the content, and old names. */
const alias: Readonly<Record<string, string>> = { identity: "", "x-gzip": "gzip", utf8: "", "utf-8": "", none: "" };

/** Undefined where it cannot be decoded, or grows beyond what is looked at. */
export function decode(octets: Buffer, coding: string): Buffer | undefined {
  const name = coding.trim().toLowerCase();
  const decoder = decoders[alias[name] ?? name];
  try {
    return decoder?.(octets);
  } catch {
    return undefined;
  }
}
