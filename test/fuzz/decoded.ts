// What octets in a coding say, by the runtime's own decoders: the truth that ours are held against.

import { brotliDecompressSync, gunzipSync, inflateRawSync, inflateSync, zstdDecompressSync } from "node:zlib";

const same = (octets: Buffer): Buffer => octets;
const decoders = new Map<string, readonly ((octets: Buffer) => Buffer)[]>([
  ["identity", [same]],
  ["gzip", [gunzipSync]],
  ["deflate", [inflateSync, inflateRawSync]],
  ["br", [brotliDecompressSync]],
  ["zstd", [zstdDecompressSync]],
]);

/** Every reading there is; undefined where no single coding is called so. */
export function readingsOf(octets: Buffer, coding: string): readonly Buffer[] | undefined {
  return decoders.get(coding)?.flatMap((decode) => {
    try {
      return [decode(octets)];
    } catch {
      return [];
    }
  });
}
