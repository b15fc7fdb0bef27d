// A body and its Content-Encoding → its decoded bytes, window by window, for those who seek in it. The raw bytes are what is
// forwarded; nothing here changes them. Refuses unknown and stacked codings, broken streams, bytes after the end, bombs.

import { Readable } from "node:stream";
import { createBrotliDecompress, createGunzip, createInflate, createInflateRaw, createZstdDecompress } from "node:zlib";
import type { Limits } from "../limits.ts";
import type { Body } from "./body.ts";

/** Called with a window and its place in the decoded body; consecutive windows overlap. */
export type Look = (window: Buffer, offset: number) => void;

/** Undefined where the whole body was looked at; else why it could not be read. `encoding`: the header's value. */
export async function lookThrough(
  body: Body,
  encoding: string,
  look: Look,
  limits: Limits,
): Promise<string | undefined> {
  const coding = encoding.trim().toLowerCase();
  if (coding === "" || coding === "identity") {
    if (body.bytes !== undefined && body.size <= limits.window) look(body.bytes, 0);
    else await lookInWindows(body.chunks(), look, { limits, bound: limits.body });
    return undefined;
  }
  if (body.size === 0) return undefined;
  return decode(body, coding, look, limits);
}

type Decoder = ReturnType<typeof createGunzip>;

async function decode(body: Body, coding: string, look: Look, limits: Limits): Promise<string | undefined> {
  const decoder = await decoderFor(coding, body);
  if (decoder === undefined) return "an unknown content encoding";
  const source = Readable.from(body.chunks(), { objectMode: false });
  source.on("error", (error) => decoder.destroy(error));
  source.pipe(decoder);
  try {
    const decoded: AsyncIterable<Buffer> = decoder;
    const whole = await lookInWindows(decoded, look, { limits, bound: limits.decoded });
    if (!whole) return "a body that grows beyond all measure when decoded";
    // what stands after the end of the stream was not looked at, yet would be forwarded
    return decoder.bytesWritten === body.size ? undefined : "bytes after the end of the encoded body";
  } catch {
    return "a body that cannot be decoded";
  } finally {
    source.destroy();
    decoder.destroy();
  }
}

async function decoderFor(coding: string, body: Body): Promise<Decoder | undefined> {
  switch (coding) {
    case "gzip":
    case "x-gzip":
      return createGunzip();
    case "br":
      return createBrotliDecompress();
    case "zstd":
      return createZstdDecompress();
    case "deflate":
      return (await startsAsZlib(body)) ? createInflate() : createInflateRaw();
    default:
      return undefined;
  }
}

/** RFC 9110 §8.4.1.2 means zlib's format; some send the bare stream. RFC 1950 §2.2 tells them apart. */
async function startsAsZlib(body: Body): Promise<boolean> {
  for await (const chunk of body.chunks()) {
    if (chunk.length < 2) return false;
    return ((chunk[0] ?? 0) & 0x0f) === 8 && chunk.readUInt16BE(0) % 31 === 0;
  }
  return false;
}

interface Bounds {
  readonly limits: Limits;
  readonly bound: number;
}

/** False where the bound was passed. The event loop is free between two windows. */
async function lookInWindows(chunks: AsyncIterable<Buffer>, look: Look, { limits, bound }: Bounds): Promise<boolean> {
  let parts: Buffer[] = [];
  let size = 0;
  let offset = 0;
  let total = 0;
  for await (const chunk of chunks) {
    total += chunk.length;
    if (total > bound) return false;
    parts.push(chunk);
    size += chunk.length;
    if (size < limits.window) continue;
    const window = Buffer.concat(parts);
    look(window, offset);
    const tail = window.subarray(Math.max(0, window.length - limits.overlap));
    offset += window.length - tail.length;
    parts = [Buffer.from(tail)];
    size = tail.length;
    await breathe();
  }
  if (size > 0) look(Buffer.concat(parts), offset);
  return true;
}

function breathe(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  setImmediate(resolve);
  return promise;
}
