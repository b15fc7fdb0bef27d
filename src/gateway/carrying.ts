// Two streams joined: bytes both ways as they are, each end's end passed on, counted.

import type { Duplex } from "node:stream";

export interface Carried {
  /** Bytes from the first to the second. */
  readonly out: number;
  readonly inward: number;
}

/** Resolves when both are closed; never rejects. Whatever closes one before its end closes the other. */
export async function carryBoth(first: Duplex, second: Duplex): Promise<Carried> {
  const out = count(first, second);
  const inward = count(second, first);
  await Promise.all([closed(first), closed(second)]);
  return { out: out(), inward: inward() };
}

function count(from: Duplex, to: Duplex): () => number {
  let bytes = 0;
  from.on("data", (chunk: Buffer) => {
    bytes += chunk.length;
  });
  from.pipe(to);
  const leave = (): void => {
    if (!from.readableEnded) to.destroy();
  };
  from.on("close", leave);
  from.on("error", () => to.destroy());
  // it may have gone while the other was being fetched, and says so to nobody any more
  if (from.destroyed) leave();
  return () => bytes;
}

function closed(stream: Duplex): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  if (stream.closed) resolve();
  stream.on("close", resolve);
  return promise;
}
