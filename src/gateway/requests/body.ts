// A request's body, read whole before anybody judges it: in memory while small, else in a spool, a file that has no name
// any more. Attacker-controlled; refuses more than the bound.

import { randomBytes } from "node:crypto";
import { type FileHandle, open, unlink } from "node:fs/promises";
import type { IncomingMessage } from "node:http";
import { join } from "node:path";
import type { Limits } from "../limits.ts";
import type { Buffers, Loan } from "./buffers.ts";

export interface Body {
  /** Bytes, as received, transfer coding taken off. */
  readonly size: number;
  /** The whole of it, where it is in memory. */
  readonly bytes: Buffer | undefined;
  /** From the start, each time it is asked. */
  readonly chunks: () => AsyncIterable<Buffer>;
  /** Whoever writes `bytes` out holds them until the returned function is called: after `dispose`, too. */
  readonly keep: () => () => void;
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
  readonly buffers: Buffers;
  memory: number;
  spooled: number;
}

const nothing = Buffer.alloc(0);
const nobody = (): (() => void) => () => undefined;
export const emptyBody: Body = {
  size: 0,
  bytes: nothing,
  chunks: () => iterate(nothing),
  keep: nobody,
  dispose: () => undefined,
};

export async function readBody(request: IncomingMessage, room: Room): Promise<Body | BodyFault> {
  const length = request.headers["content-length"];
  if ((length === undefined && request.headers["transfer-encoding"] === undefined) || length === "0") return emptyBody;
  const size = length === undefined ? undefined : Number(length);
  if (size !== undefined && size > room.limits.body) return "long";
  if (size !== undefined && size <= room.limits.memory && room.memory + size <= room.limits.memoryTotal)
    return fill(request, size, room);
  const gathered = await gather(request, room);
  if (typeof gathered === "string") return gathered;
  if (!gathered.whole) return spool(request, gathered, room);
  const loan = room.buffers.borrow(gathered.size);
  Buffer.concat(gathered.parts).copy(loan.bytes);
  return memoryBody(loan, room);
}

/** A body whose size was said beforehand, into memory that is there for it. */
function fill(request: IncomingMessage, size: number, room: Room): Promise<Body | BodyFault> {
  const { promise, resolve } = Promise.withResolvers<Body | BodyFault>();
  const loan = room.buffers.borrow(size);
  room.memory += size;
  let filled = 0;
  const settle = (whole: boolean): void => {
    request.off("data", onData).off("end", onEnd).off("close", onClose).off("error", onClose);
    if (!whole) {
      room.memory -= size;
      loan.giveBack();
    }
    resolve(whole ? memoryBody(loan, room) : "gone");
  };
  const onData = (chunk: Buffer): void => {
    // the parser gives no more than was said; more than fits would be cut off here, and is no whole body
    chunk.copy(loan.bytes, filled);
    filled += chunk.length;
  };
  const onEnd = (): void => settle(filled === size);
  const onClose = (): void => settle(false);
  request.on("data", onData).on("end", onEnd).on("close", onClose).on("error", onClose);
  return promise;
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

function memoryBody(loan: Loan, room: Room): Body {
  const { bytes, keep } = loan;
  return {
    size: bytes.length,
    bytes,
    chunks: () => iterate(bytes),
    keep,
    dispose: once(() => {
      room.memory -= bytes.length;
      loan.giveBack();
    }),
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
      return { size, bytes: undefined, chunks: () => readSpool(file, size), keep: nobody, dispose: once(release) };
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
