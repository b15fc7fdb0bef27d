// A request's body as it comes off the wire → its bytes, and its bytes decoded. Refuses what is over the bounds, an
// encoding nobody announced, and a bomb.

import type { IncomingMessage } from "node:http";
import { brotliDecompressSync, gunzipSync, inflateSync, zstdDecompressSync } from "node:zlib";
import { maxBodyBytes } from "./limits.ts";

/** The whole body, or undefined where it is too long. */
export async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    if (!Buffer.isBuffer(chunk)) continue;
    size += chunk.length;
    if (size > maxBodyBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Undefined: not decodable within the bounds. */
export function decodeBody(bytes: Buffer, encoding: string | undefined): Buffer | undefined {
  const options = { maxOutputLength: maxBodyBytes };
  try {
    switch (encoding) {
      case undefined:
      case "identity":
        return bytes;
      case "gzip":
        return gunzipSync(bytes, options);
      case "br":
        return brotliDecompressSync(bytes, options);
      case "deflate":
        return inflateSync(bytes, options);
      case "zstd":
        return zstdDecompressSync(bytes, options);
      default:
        return undefined;
    }
  } catch {
    return undefined;
  }
}
