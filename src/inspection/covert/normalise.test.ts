// What does not show, hidden behind more of it: once it is written plainly, none is left.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { plainly } from "./normalise.ts";
import { seekCovert } from "./seek.ts";

function written(text: string): string {
  let [out, at] = ["", 0];
  for (const { from, to, by } of plainly(text)) {
    assert.ok(from >= at && to > from && to <= text.length);
    out += text.slice(at, from) + by;
    at = to;
  }
  return out + text.slice(at);
}

test("a sign, a joiner or a mark that something unseen beside it makes look usual goes with it", () => {
  for (const [text, plain] of [
    ["2\u202e\u20103", "2-3"],
    ["a\u200b\u2215b", "a/b"],
    ["a\ufe0f\u200d👩", "a👩"],
    ["a\udb40\u200b\udc41b", "ab"],
    ["a\ud835\u200b\udc00b", "ab"],
    ["👩\u200d👩 1\ufe0f\u20e3", "👩\u200d👩 1\ufe0f\u20e3"],
  ] as const)
    assert.equal(written(text), plain, JSON.stringify(text));
});

test("what is hidden so is counted: its kind, and where it stands", () => {
  const hits = seekCovert("2\u202e\u20103 x");
  assert.deepEqual(
    hits.map(({ kind, from, to }) => [kind, from, to]),
    [
      ["bidi", 1, 2],
      ["separator", 2, 3],
    ],
  );
});

test("any text of what does not show and what it leans on: none is left", () => {
  const unit = fc.constantFrom(
    ..."\u200b\u200d\u200c\ufe0f\u202e\u200e\u2010\u2215\uff0e\u034f\u00a0аｐ12ab👩ب가क\ud83d\udb40\udc41",
  );
  fc.assert(
    fc.property(fc.array(unit, { maxLength: 24 }), (units) => {
      const plain = written(units.join(""));
      assert.deepEqual(seekCovert(plain), [], JSON.stringify(plain));
    }),
    { numRuns: 2_000 },
  );
});
