// However small the pieces are in which something comes, what is kept of it is little more than its octets.

import assert from "node:assert/strict";
import { tmpdir } from "node:os";
import { test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import fc from "fast-check";
import { Pieces } from "../../domain/pieces.ts";
import { limits } from "../limits.ts";
import type { Room } from "./body.ts";
import { openBuffers } from "./buffers.ts";
import { Windows } from "./decoding.ts";
import { Holding } from "./holding.ts";

test("all of it, in its order, in few parts", () => {
  const size = fc.oneof(fc.nat(3), fc.nat(300), fc.nat(10_000));
  fc.assert(
    fc.property(fc.array(fc.tuple(size, fc.nat(400)), { maxLength: 20 }), (some) => {
      const pieces = new Pieces();
      const sent: Buffer[] = [];
      for (const [length, count] of some)
        for (let at = 0; at < count; at += 1) {
          const piece = Buffer.alloc(length, at);
          sent.push(piece);
          pieces.add(piece);
        }
      const whole = Buffer.concat(sent);
      assert.ok(Buffer.concat(pieces.all).equals(whole));
      // a small part stands only among the last, or before one that is not
      const large = sent.filter(({ length }) => length >= 4096).length;
      assert.ok(pieces.all.length <= whole.length / 4096 + 64 * (large + 1));
    }),
    { numRuns: 100 },
  );
});

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

const inUse = (): number => process.memoryUsage().heapUsed + process.memoryUsage().external;

/** Bytes of memory that this left behind. */
async function kept(work: () => Promise<unknown>): Promise<number> {
  collect();
  const before = inUse();
  const held = await work();
  collect();
  const after = inUse();
  assert.ok(held !== undefined);
  return after - before;
}

const pieces = 200_000;
const chunk = Buffer.alloc(pieces, "x");

test("what is held, and what is looked at in windows, is not larger for coming octet by octet", async () => {
  const room: Room = { limits, directory: tmpdir(), buffers: openBuffers(0), memory: 0, spooled: 0 };
  const holding = await kept(async () => {
    const made = new Holding(room);
    for (let at = 0; at < pieces; at += 1) await made.add(chunk.subarray(at, at + 1));
    return made;
  });
  const windows = await kept(async () => {
    const made = new Windows(() => undefined, limits);
    for (let at = 0; at < pieces; at += 1) made.add(chunk.subarray(at, at + 1));
    return made;
  });
  assert.ok(holding < 8_000_000, `${holding}`);
  assert.ok(windows < 8_000_000, `${windows}`);
});
