// A request's body, read whole before anybody judges it: in memory while small, else in a spool, a file that has no name
// any more. Attacker-controlled; refuses more than the bound.

import { randomBytes } from "node:crypto";
import { type FileHandle, open, unlink } from "node:fs/promises";
import type { IncomingMessage } from "node:http";
import { join } from "node:path";
import type { Limits } from "../limits.ts";

export interface Body {
  /** Bytes, as received, transfer coding taken off. */
  readonly size: number;
  /** The whole of it, where it is in memory. */
  readonly bytes: Buffer | undefined;
  /** From the start, each time it is asked. */
  readonly chunks: () => AsyncIterable<Buffer>;
  /** Gives memory and spool back. Idempotent. */
  readonly dispose: () => void;
}

/** `long`: beyond the bound. `full`: no room to spool. `gone`: the client left. */
export type BodyFault = "long" | "full" | "gone";

/** Room shared by all requests of a gate. */
export interface Room {
  readonly limits: Limits;
  /** Directory for spools. */
  readonly directory: string;
  memory: number;
  spooled: number;
}

const nothing = Buffer.alloc(0);
export const emptyBody: Body = {
  size: 0,
  bytes: nothing,
  chunks: () => iterate(nothing),
  dispose: () => undefined,
};

export async function readBody(request: IncomingMessage, room: Room): Promise<Body | BodyFault> {
  const bodied = request.headers["content-length"] !== undefined || request.headers["transfer-encoding"] !== undefined;
  if (!bodied || request.headers["content-length"] === "0") return emptyBody;
  if (Number(request.headers["content-length"] ?? 0) > room.limits.body) return "long";
  const gathered = await gather(request, room);
  if (typeof gathered === "string") return gathered;
  if (gathered.whole) return memoryBody(Buffer.concat(gathered.parts), gathered.size, room);
  return spool(request, gathered, room);
}

interface Gathered {
  readonly parts: Buffer[];
  readonly size: number;
  readonly whole: boolean;
}

/** Reads until the end or until memory's share is used; then leaves the request paused. */
function gather(request: IncomingMessage, room: Room): Promise<Gathered | BodyFault> {
  const { promise, resolve } = Promise.withResolvers<Gathered | BodyFault>();
  const parts: Buffer[] = [];
  let size = 0;
  const settle = (outcome: Gathered | BodyFault): void => {
    request.off("data", onData).off("end", onEnd).off("close", onClose).off("error", onClose);
    if (typeof outcome === "string") room.memory -= size;
    resolve(outcome);
  };
  const onData = (chunk: Buffer): void => {
    parts.push(chunk);
    size += chunk.length;
    room.memory += chunk.length;
    if (size <= room.limits.memory && room.memory <= room.limits.memoryTotal) return;
    request.pause();
    settle({ parts, size, whole: false });
  };
  const onEnd = (): void => settle({ parts, size, whole: true });
  const onClose = (): void => settle("gone");
  request.on("data", onData).on("end", onEnd).on("close", onClose).on("error", onClose);
  return promise;
}

function memoryBody(bytes: Buffer, size: number, room: Room): Body {
  let held = size;
  return {
    size,
    bytes,
    chunks: () => iterate(bytes),
    dispose: () => {
      room.memory -= held;
      held = 0;
    },
  };
}

async function* iterate(bytes: Buffer): AsyncGenerator<Buffer> {
  if (bytes.length > 0) yield bytes;
}

async function spool(request: IncomingMessage, begun: Gathered, room: Room): Promise<Body | BodyFault> {
  const file = await openSpool(room.directory).catch(() => undefined);
  room.memory -= begun.size;
  if (file === undefined) return "full";
  let size = 0;
  const release = (): void => {
    room.spooled -= size;
    size = 0;
    file.close().catch(() => undefined);
  };
  const write = async (chunk: Buffer): Promise<BodyFault | undefined> => {
    size += chunk.length;
    room.spooled += chunk.length;
    if (size > room.limits.body) return "long";
    if (room.spooled > room.limits.spoolTotal) return "full";
    await file.appendFile(chunk);
    return undefined;
  };
  try {
    const fault = await writeAll(request, begun.parts, write);
    if (fault === undefined)
      return { size, bytes: undefined, chunks: () => readSpool(file, size), dispose: once(release) };
    release();
    return fault;
  } catch {
    release();
    return request.readableAborted || request.destroyed ? "gone" : "full";
  }
}

async function writeAll(
  request: IncomingMessage,
  begun: readonly Buffer[],
  write: (chunk: Buffer) => Promise<BodyFault | undefined>,
): Promise<BodyFault | undefined> {
  for (const chunk of begun) {
    const fault = await write(chunk);
    if (fault !== undefined) return fault;
  }
  // not destroyed on leaving early: the refusal still has to go out on the same connection
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    const fault = await write(chunk);
    if (fault !== undefined) return fault;
  }
  return request.complete ? undefined : "gone";
}

async function openSpool(directory: string): Promise<FileHandle> {
  const path = join(directory, `postern-spool-${randomBytes(12).toString("hex")}`);
  const file = await open(path, "wx+", 0o600);
  await unlink(path);
  return file;
}

async function* readSpool(file: FileHandle, size: number): AsyncGenerator<Buffer> {
  const step = 256 * 1024;
  for (let at = 0; at < size; ) {
    const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(Math.min(step, size - at)), 0, undefined, at);
    if (bytesRead === 0) throw new Error("the spool ended early");
    yield buffer.subarray(0, bytesRead);
    at += bytesRead;
  }
}

function once(work: () => void): () => void {
  let done = false;
  return () => {
    if (!done) work();
    done = true;
  };
}
