// Bytes that must be whole before anybody may pass them on: in memory while small, else in a spool, a file that has no name
// any more. Attacker-controlled; refuses more than the bound.

import { randomBytes } from "node:crypto";
import { type FileHandle, open, unlink } from "node:fs/promises";
import { join } from "node:path";
import { Pieces } from "../../domain/pieces.ts";
import { type Body, emptyBody, memoryBody, type Room } from "./body.ts";

/** `long`: beyond the bound. `full`: no room to spool. */
export type HoldingFault = "long" | "full";

export class Holding {
  readonly #room: Room;
  readonly #bound: number;
  readonly #parts = new Pieces();
  #size = 0;
  #file: FileHandle | undefined;

  /** `bound`: bytes it may have. */
  constructor(room: Room, bound: number = room.limits.body) {
    this.#room = room;
    this.#bound = bound;
  }

  get size(): number {
    return this.#size;
  }

  /** One after the other. Undefined where it is held; after a fault nothing is. The chunk must not change any more. */
  async add(chunk: Buffer): Promise<HoldingFault | undefined> {
    const { limits } = this.#room;
    if (this.#size + chunk.length > this.#bound) return this.#fail("long");
    this.#count(chunk.length);
    if (this.#file !== undefined) return this.#write(chunk);
    this.#parts.add(chunk);
    if (this.#size <= limits.memory && this.#room.memory <= limits.memoryTotal) return undefined;
    return this.#spill();
  }

  /** All of it. Once, and nothing after it. */
  finish(): Body {
    if (this.#size === 0) return emptyBody;
    const file = this.#file;
    if (file !== undefined) return this.#spooled(file);
    const loan = this.#room.buffers.borrow(this.#size);
    let at = 0;
    for (const part of this.#parts.all) at += part.copy(loan.bytes, at);
    this.#parts.clear();
    return memoryBody(loan, this.#room);
  }

  /** Gives everything back. Not after `finish`. */
  drop(): void {
    this.#count(-this.#size);
    this.#parts.clear();
    this.#file?.close().catch(() => undefined);
  }

  #count(size: number): void {
    this.#size += size;
    if (this.#file === undefined) this.#room.memory += size;
    else this.#room.spooled += size;
  }

  #fail(fault: HoldingFault): HoldingFault {
    this.drop();
    return fault;
  }

  async #spill(): Promise<HoldingFault | undefined> {
    const file = await openSpool(this.#room.directory).catch(() => undefined);
    if (file === undefined) return this.#fail("full");
    const size = this.#size;
    this.#count(-size);
    this.#file = file;
    this.#count(size);
    for (const part of this.#parts.all) {
      const fault = await this.#write(part);
      if (fault !== undefined) return fault;
    }
    this.#parts.clear();
    return undefined;
  }

  async #write(chunk: Buffer): Promise<HoldingFault | undefined> {
    if (this.#room.spooled > this.#room.limits.spoolTotal) return this.#fail("full");
    try {
      await this.#file?.appendFile(chunk);
      return undefined;
    } catch {
      return this.#fail("full");
    }
  }

  #spooled(file: FileHandle): Body {
    const size = this.#size;
    let open = true;
    const dispose = (): void => {
      if (open) this.drop();
      open = false;
    };
    return { size, bytes: undefined, chunks: () => readSpool(file, size), keep: () => () => undefined, dispose };
  }
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
