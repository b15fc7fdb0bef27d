// Alignment, and that foreign text cannot steer the terminal.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { align, bytes, duration, hang, show, wrap } from "./table.ts";

test("columns align, figures to the right", () => {
  const lines = align(
    [{ title: "host" }, { title: "bytes", right: true }],
    [
      ["a.test", "12"],
      ["long.name.test", "3400"],
    ],
  );
  assert.deepEqual(lines, ["host            bytes", "a.test             12", "long.name.test   3400"]);
});

test("no control, bidi or format character survives, whatever the text", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 300 }), (text) => {
      assert.doesNotMatch(show(text), /[\p{Cc}\p{Cf}\p{Co}\p{Cn}\u2028\u2029]/u);
    }),
  );
  assert.equal(show("a\u001b[31mb"), "a\\x1b[31mb");
  assert.equal(show("evil\u202egnp.exe"), "evil\\u{202e}gnp.exe");
  assert.equal(show("x".repeat(500), 10), `${"x".repeat(9)}…`);
});

test("amounts for people", () => {
  assert.deepEqual([0, 812, 4100, 18_000, 3_210_000].map(bytes), ["0 B", "812 B", "4.1 kB", "18 kB", "3.2 MB"]);
  assert.deepEqual([1.26, 42, 2520, 11_400].map(duration), ["1.3 s", "42 s", "42 min", "3 h 10 min"]);
});

test("wrapped: nothing lost, nothing too wide, blanks where it was broken", () => {
  assert.deepEqual(wrap("a bc def", 4), ["a bc", "def"]);
  assert.deepEqual(wrap("abcdef g", 4), ["abcd", "ef g"]);
  assert.deepEqual(wrap("", 4), [""]);
  fc.assert(
    fc.property(fc.string({ maxLength: 80 }), fc.integer({ min: 1, max: 30 }), (text, columns) => {
      const lines = wrap(text, columns);
      assert.equal(lines.join("").replaceAll(" ", ""), text.replaceAll(" ", ""));
      assert.ok(lines.every((line) => [...line].length <= columns));
    }),
  );
});

test("hung behind its start; colours have no width", () => {
  assert.deepEqual(hang("ok  ", "a text that is too long for it", 27), ["ok  a text that is too long", "    for it"]);
  assert.deepEqual(hang("ok  ", "short", 26), ["ok  short"]);
  assert.deepEqual(hang("a start that leaves no room  ", "text text text", 40), [
    "a start that leaves no room  text text text",
  ]);
  assert.deepEqual(
    align(
      [{ title: "" }, { title: "" }],
      [
        ["\u001b[31mno\u001b[39m", "x"],
        ["yes", "y"],
      ],
      false,
    ),
    ["\u001b[31mno\u001b[39m   x", "yes  y"],
  );
});
