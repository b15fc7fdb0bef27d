// The reader of source in a thread of its own, for as long as the inspector's lives that it tells.

import { randomBytes } from "node:crypto";
import { MessageChannel, type MessagePort, Worker } from "node:worker_threads";
import type { KeptPlace } from "./kept-place.ts";
import type { SourceRoot } from "./listing.ts";
import type { Reading } from "./reader.ts";

const own = import.meta.url.endsWith(".ts") ? "./reader.ts" : "./source-reader.cjs";

export interface OpenReader {
  /** For the inspector's thread; undefined where there is nothing to be read. */
  readonly port: MessagePort | undefined;
  /** Under which all that it tells is hashed. */
  readonly key: Uint8Array;
  readonly end: () => void;
}

export interface Opening {
  readonly roots: readonly SourceRoot[];
  /** Dependencies that are one's own: globs. */
  readonly trusted: readonly string[];
  readonly kept: KeptPlace | undefined;
}

export function openReader({ roots, trusted, kept }: Opening): OpenReader {
  const key = kept?.hashing ?? randomBytes(32);
  if (roots.length === 0) return { port: undefined, key, end: () => undefined };
  const { port1, port2 } = new MessageChannel();
  const reading: Reading = { roots, trusted, kept, key, port: port2 };
  const worker = new Worker(new URL(own, import.meta.url), {
    name: "source reader",
    env: {},
    workerData: reading,
    transferList: [port2],
  });
  // the inspector's end of the channel closes: it says that it has not all
  worker.on("error", () => undefined);
  worker.unref();
  return { port: port1, key, end: () => void worker.terminate() };
}
