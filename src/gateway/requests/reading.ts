// A request's body, read whole before anybody judges it. Attacker-controlled; refuses more than the bound.

import type { Arriving } from "./asker.ts";
import { type Body, emptyBody, memoryBody, type Room } from "./body.ts";
import { Holding, type HoldingFault } from "./holding.ts";

/** `gone`: the client left. `misframed`: another length than was told. `late`: not whole in the time there is. */
export type BodyFault = HoldingFault | "gone" | "misframed" | "late";

/** `bound`: bytes it may have. */
export async function readBody(arriving: Arriving, room: Room, bound: number): Promise<Body | BodyFault> {
  const { length, none } = arriving;
  if (none) return emptyBody;
  const size = length === undefined ? undefined : Number(length);
  if (size !== undefined && size > bound) return "long";
  if (size !== undefined && size <= room.limits.memory && room.memory + size <= room.limits.memoryTotal)
    return fill(arriving, size, room);
  return hold(arriving, room, bound);
}

/** A body whose size was said beforehand, into memory that is there for it. */
function fill(arriving: Arriving, size: number, room: Room): Promise<Body | BodyFault> {
  const { stream } = arriving;
  const { promise, resolve } = Promise.withResolvers<Body | BodyFault>();
  const loan = room.buffers.borrow(size);
  room.memory += size;
  let filled = 0;
  const settle = (whole: boolean): void => {
    stream.off("data", onData).off("end", onEnd).off("close", onClose).off("error", onClose);
    if (!whole) {
      room.memory -= size;
      loan.giveBack();
    }
    resolve(whole ? memoryBody(loan, room) : (arriving.fault ?? "gone"));
  };
  const onData = (chunk: Buffer): void => {
    // the parser gives no more than was said; more than fits would be cut off here, and is no whole body
    chunk.copy(loan.bytes, filled);
    filled += chunk.length;
  };
  const onEnd = (): void => settle(filled === size && arriving.complete);
  const onClose = (): void => settle(false);
  stream.on("data", onData).on("end", onEnd).on("close", onClose).on("error", onClose);
  return promise;
}

/** One whose size shows only at its end, or is too large for memory. */
async function hold(arriving: Arriving, room: Room, bound: number): Promise<Body | BodyFault> {
  const holding = new Holding(room, bound);
  try {
    // not destroyed on leaving early: the refusal still has to go out on the same connection
    for await (const chunk of arriving.stream.iterator({ destroyOnReturn: false })) {
      const fault = await holding.add(chunk);
      if (fault !== undefined) return fault;
    }
  } catch {
    holding.drop();
    return "gone";
  }
  if (arriving.complete) return holding.finish();
  holding.drop();
  return arriving.fault ?? "gone";
}
