// What goes between the desk and the small program inside that stands in for ssh: a byte that says what it is, four that
// count, then so many. Attacker-controlled; a frame that is longer than anybody writes ends it.

import type { Duplex, Readable } from "node:stream";

/** 1: the request, as JSON. 2: bytes of standard input or output. 3: the end of them. 4: words for standard error. 5: exit code. */
export const kinds = { ask: 1, data: 2, end: 3, said: 4, exit: 5 } as const;

export interface Frame {
  readonly kind: number;
  readonly bytes: Buffer;
}

const longest = 65_536;

/** Ends where the stream does, or where something is no frame. */
export async function* readFrames(stream: Readable): AsyncGenerator<Frame> {
  let held: Buffer = Buffer.alloc(0);
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    held = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
    while (held.length >= 5) {
      const size = held.readUInt32BE(1);
      // empty pieces would be kept by whoever collects them, and cost next to nothing to send
      if (size > longest || (size === 0 && held[0] === kinds.data)) return;
      if (held.length < 5 + size) break;
      yield { kind: held[0] ?? 0, bytes: held.subarray(5, 5 + size) };
      held = held.subarray(5 + size);
    }
  }
}

/** Resolves when there is room for more, or nobody to take it. */
export async function writeFrame(stream: Duplex, kind: number, bytes: Buffer): Promise<void> {
  for (let at = 0; at === 0 || at < bytes.length; at += longest) {
    const part = bytes.subarray(at, at + longest);
    const head = Buffer.alloc(5);
    head.writeUInt8(kind);
    head.writeUInt32BE(part.length, 1);
    stream.write(head);
    await push(stream, part);
  }
}

/** The same for bytes as they are. */
export async function push(
  stream: NodeJS.WritableStream & { readonly destroyed?: boolean },
  bytes: Buffer,
): Promise<void> {
  if (stream.write(bytes) || stream.destroyed === true) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  stream.once("drain", resolve).once("close", resolve).once("error", resolve);
  await promise;
  stream.off("drain", resolve).off("close", resolve).off("error", resolve);
}
