// Each known value in each way of writing, wherever it stands in a text, at its very place; and nothing in a text without one.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { openKnownSeeker } from "./known-text.ts";

const value = 'p4ss w0rd/"x" é';
const seek = openKnownSeeker([
  { label: "one", value },
  { label: "other", value: "another-value" },
  { label: "short", value: "short" },
]);

const ways: readonly (readonly [way: string, write: (text: string) => string])[] = [
  ["plain", (text) => text],
  ["case", (text) => text.toUpperCase()],
  ["base64", (text) => Buffer.from(text).toString("base64url").replace(/.$/, "")],
  ["hex", (text) => Buffer.from(text).toString("hex")],
  ["percent", encodeURIComponent],
  ["json", (text) => JSON.stringify(text).slice(1, -1)],
  ["reversed", (text) => Buffer.from(text).reverse().toString("latin1")],
];

test("every way of writing, behind and before anything", () => {
  const around = fc.stringMatching(/^[ .é🌹]{0,12}$/u);
  fc.assert(
    fc.property(around, around, fc.constantFrom(...ways), (before, behind, [way, write]) => {
      const ascii = way === "reversed" || way === "base64" ? "another-value" : value;
      const written = write(ascii);
      const found = seek(`${before}${written}${behind}`);
      const at = found.find(({ from, to }) => from === before.length && to === before.length + written.length);
      assert.ok(at !== undefined, `${way}: ${JSON.stringify(found)}`);
      assert.equal(at.sure, "known");
      assert.equal(at.within?.length, way === "plain" ? undefined : 1);
    }),
    { numRuns: 2_000 },
  );
});

test("nothing where there is none, and a value too short is not sought", () => {
  assert.deepEqual(seek("p4ss w0rd and short and another value"), []);
  assert.deepEqual(openKnownSeeker([])("anything"), []);
});
