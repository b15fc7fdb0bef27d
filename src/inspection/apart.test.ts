// A known value is found however white space is put into it, at its place; what is no such value is not.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { openApartSeeker } from "./apart.ts";

const value = "vnd-live-7Qm2x9Té-Kd🌹pWb8é";
const seek = openApartSeeker(() => [
  { label: "a", value },
  { label: "short", value: "hunter2-hunter2" },
]);

/** Is a character cut in two there? */
const isPair = (text: string, at: number): boolean =>
  /^[\ud800-\udbff][\udc00-\udfff]/.test(text.slice(at - 1, at + 1));

test("5,000 ways of taking it apart: found, from its first letter to its last", () => {
  const space = fc.constantFrom("\n", " ", "\r\n", "\t", "\f\v", "  ");
  const cuts = fc.array(fc.record({ at: fc.integer({ min: 1, max: value.length - 1 }), space }), { minLength: 1 });
  fc.assert(
    fc.property(
      cuts,
      fc.constantFrom("", "a b 🌹 ", "é\n"),
      fc.constantFrom("", " and more\n", "x"),
      (all, before, after) => {
        let apart = value;
        for (const { at, space } of all.toSorted((a, b) => b.at - a.at))
          apart = isPair(apart, at) ? apart : apart.slice(0, at) + space + apart.slice(at);
        fc.pre(apart !== value);
        const [hit, ...more] = seek(before + apart + after);
        assert.deepEqual(more, []);
        assert.equal((before + apart + after).slice(hit?.from, hit?.to), apart);
        assert.deepEqual(hit?.within, ["apart"]);
      },
    ),
    { numRuns: 5_000 },
  );
});

test("as it is written, in part, or short: nothing", () => {
  for (const text of [`its ${value} here`, `${value.slice(1, 9)}\n${value.slice(9)}`, "hunter2-\nhunter2", "", "\n \n"])
    assert.deepEqual(seek(text), []);
});

test("values that come later are sought too", () => {
  const values: { label: string; value: string }[] = [];
  const later = openApartSeeker(() => values);
  assert.deepEqual(later(`${value.slice(0, 9)}\n${value.slice(9)}`), []);
  values.push({ label: "b", value });
  assert.equal(later(`${value.slice(0, 9)}\n${value.slice(9)}`)[0]?.label, "b");
});

test("as often as it fits into a text: in the time of one pass", () => {
  const apart = `${value.slice(0, 9)}\n${value.slice(9)} `;
  const seen = seek(apart.repeat(20_000));
  assert.equal(seen.length, 1_001);
  assert.deepEqual([seen.at(-1)?.kind, seen.at(-1)?.cut], ["closed", "secret"], "and that there are more");
  assert.deepEqual(seek(value.repeat(20_000)), []);
});
