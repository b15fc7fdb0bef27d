// A body and its Content-Encoding → its decoded bytes, window by window, for those who seek in it. The raw bytes are what is
// forwarded; nothing here changes them. Refuses unknown and stacked codings, broken streams, bytes after the end, bombs.

import { Readable } from "node:stream";
import { Pieces } from "../../domain/pieces.ts";
import type { Limits } from "../limits.ts";
import type { Body } from "./body.ts";
import { decoderFor } from "./codings.ts";

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
    else await lookInWindows(body.chunks(), look, { limits, bound: body.size });
    return undefined;
  }
  if (body.size === 0) return undefined;
  return inTurn(limits.decoders, () => decode(body, coding, look, limits));
}

let decoding = 0;
const waiting: (() => void)[] = [];

/** A few octets can have a decoder take megabytes; all of a body is here, so one that waits waits for no one's sending. */
async function inTurn<Value>(most: number, work: () => Promise<Value>): Promise<Value> {
  const { promise, resolve } = Promise.withResolvers<void>();
  if (decoding >= most) waiting.push(resolve);
  else {
    decoding += 1;
    resolve();
  }
  await promise;
  try {
    return await work();
  } finally {
    const next = waiting.shift();
    // its place goes on to whoever waits
    if (next === undefined) decoding -= 1;
    else next();
  }
}

async function decode(body: Body, coding: string, look: Look, limits: Limits): Promise<string | undefined> {
  const decoder = decoderFor(coding, await firstOf(body));
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

async function firstOf(body: Body): Promise<Buffer> {
  for await (const chunk of body.chunks()) return chunk;
  return Buffer.alloc(0);
}

interface Bounds {
  readonly limits: Limits;
  readonly bound: number;
}

/** False where the bound was passed. The event loop is free between two windows. */
async function lookInWindows(chunks: AsyncIterable<Buffer>, look: Look, { limits, bound }: Bounds): Promise<boolean> {
  const windows = new Windows(look, limits);
  for await (const chunk of chunks) {
    const looked = windows.add(chunk);
    if (windows.size > bound) return false;
    if (looked) await breathe();
  }
  windows.finish();
  return true;
}

/** Bytes as they come → windows of them, each looked at once it is full. */
export class Windows {
  readonly #look: Look;
  readonly #limits: Limits;
  readonly #parts = new Pieces();
  #held = 0;
  /** Where the next window begins. */
  #offset = 0;
  /** Of everything so far. */
  size = 0;

  constructor(look: Look, limits: Limits) {
    this.#look = look;
    this.#limits = limits;
  }

  /** True where a window was full, and looked at. */
  add(chunk: Buffer): boolean {
    this.size += chunk.length;
    this.#parts.add(chunk);
    this.#held += chunk.length;
    if (this.#held < this.#limits.window) return false;
    const window = Buffer.concat(this.#parts.all);
    this.#look(window, this.#offset);
    const tail = window.subarray(Math.max(0, window.length - this.#limits.overlap));
    this.#offset += window.length - tail.length;
    this.#parts.clear();
    this.#parts.add(Buffer.from(tail));
    this.#held = tail.length;
    return true;
  }

  finish(): void {
    if (this.#held > 0) this.#look(Buffer.concat(this.#parts.all), this.#offset);
  }
}

/** The event loop, free for a turn. */
export function breathe(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  setImmediate(resolve);
  return promise;
}
