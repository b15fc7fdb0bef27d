// The reader of source in a thread of its own, for as long as the inspector's lives that it tells.

import { MessageChannel, type MessagePort, Worker } from "node:worker_threads";
import type { SourceRoot } from "./listing.ts";
import type { Reading } from "./reader.ts";

const own = import.meta.url.endsWith(".ts") ? "./reader.ts" : "./source-reader.cjs";

export interface OpenReader {
  /** For the inspector's thread; undefined where there is nothing to be read. */
  readonly port: MessagePort | undefined;
  readonly end: () => void;
}

export function openReader(roots: readonly SourceRoot[], trusted: readonly string[]): OpenReader {
  if (roots.length === 0) return { port: undefined, end: () => undefined };
  const { port1, port2 } = new MessageChannel();
  const reading: Reading = { roots, trusted, port: port2 };
  const worker = new Worker(new URL(own, import.meta.url), {
    name: "source reader",
    env: {},
    workerData: reading,
    transferList: [port2],
  });
  // the inspector's end of the channel closes: it says that it has not all
  worker.on("error", () => undefined);
  worker.unref();
  return { port: port1, end: () => void worker.terminate() };
}
