// The same answer for whoever asks, whichever two bodies it was asked of before.

import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { Span } from "../domain/span.ts";
import { spanOf } from "./made-span.ts";
import { sameFrom } from "./prefix.ts";

test("how many are the very same from the beginning, of any two", () => {
  const [a, b, c] = ["a", "b", "c"].map(spanOf);
  assert.ok(a !== undefined && b !== undefined && c !== undefined);
  const now = [a, b, c];
  for (const [before, same] of [
    [[a, b], 2],
    [[a, c, c], 1],
    [[], 0],
    [[a, b, c, a], 3],
    [[spanOf("a"), b, c], 0],
  ] as const)
    assert.deepEqual([sameFrom(before, now), sameFrom(before, now)], [same, same]);
});

test("of a conversation no body is kept but the last two", async () => {
  setFlagsFromString("--expose-gc");
  const collect: unknown = runInNewContext("gc");
  assert.ok(typeof collect === "function");
  const all: WeakRef<readonly Span[]>[] = [];
  let now: readonly Span[] = [];
  for (let body = 0; body < 6; body += 1) {
    const next = [...now, spanOf(`${body}`)];
    sameFrom(now, next);
    now = next;
    all.push(new WeakRef(next));
    await turn();
    collect();
  }
  assert.deepEqual(
    all.map((one) => one.deref() !== undefined),
    [false, false, false, false, true, true],
  );
  assert.equal(now.length, 6);
});
