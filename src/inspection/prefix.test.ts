// The same answer for whoever asks, whichever two bodies it was asked of before.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Span } from "../domain/span.ts";
import { sameFrom } from "./prefix.ts";

const spanOf = (text: string): Span => ({
  role: "person",
  kind: "text",
  place: { from: 0, to: text.length, escaped: false },
  text,
  path: "",
  fixed: false,
});

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
