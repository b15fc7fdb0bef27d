// Bytes that are whole and wait to be judged and sent on, in memory or in a spool: what they are to everybody after.

import type { Limits } from "../limits.ts";
import type { Buffers, Loan } from "./buffers.ts";

/** Room shared by everything a gate holds. */
export interface Room {
  readonly limits: Limits;
  /** Directory for spools. */
  readonly directory: string;
  readonly buffers: Buffers;
  memory: number;
  spooled: number;
}

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

const nothing = Buffer.alloc(0);
const nobody = (): (() => void) => () => undefined;
export const emptyBody: Body = {
  size: 0,
  bytes: nothing,
  chunks: () => iterate(nothing),
  keep: nobody,
  dispose: () => undefined,
};

/** Bytes of our own, lent by nobody. */
export function ownBody(bytes: Buffer): Body {
  return { ...emptyBody, size: bytes.length, bytes, chunks: () => iterate(bytes) };
}

export function memoryBody(loan: Loan, room: Room): Body {
  const { bytes, keep } = loan;
  let held = true;
  const dispose = (): void => {
    if (held) {
      room.memory -= bytes.length;
      loan.giveBack();
    }
    held = false;
  };
  return { size: bytes.length, bytes, chunks: () => iterate(bytes), keep, dispose };
}

async function* iterate(bytes: Buffer): AsyncGenerator<Buffer> {
  if (bytes.length > 0) yield bytes;
}
