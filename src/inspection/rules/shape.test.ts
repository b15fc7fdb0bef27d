import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { shapeOf } from "./shape.ts";

const shapes: readonly [pattern: string, width: number, nested: boolean][] = [
  ["abc", 3, false],
  ["a{2,5}b?", 6, false],
  ["[a-z\\]]{3}", 3, false],
  ["[]a]x", 2, false],
  ["[[:alnum:]]{4}", 4, false],
  ["(?:ab|cde)f", 4, false],
  ["(?P<name>ab)(?<other>c)", 3, false],
  ["(?i)ab(?-i:C)", 3, false],
  ["(?<![a-z]{3})a(?=b)(?!c)", 1, false],
  ["\\ba\\x41\\x{1F600}\\n", 4, false],
  ["a+", Infinity, false],
  ["a{3,}", Infinity, false],
  ["a*", Infinity, false],
  ["(?:a+)+", Infinity, true],
  ["(?:a{1,2}){2}", 4, true],
  ["(?:a|bc){2}", 4, true],
  ["(?:a?)?", 1, false],
  ["(?:a{3}b){2,4}", 16, false],
  ["a{x}", 4, false],
  ["a)b", Infinity, true],
];

for (const [pattern, width, nested] of shapes)
  test(`the shape of ${pattern}`, () => assert.deepEqual(shapeOf(pattern), { width, nested }));

test("no text matches more than the width says", () => {
  const piece = fc.constantFrom("a", "b?", "[ab]{1,3}", "(?:a|bb)", "(?:ab){2}", "\\x61", ".");
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 6 }), fc.stringMatching(/^[ab]{0,30}$/), (pieces, text) => {
      const pattern = pieces.join("");
      const [match = ""] = new RegExp(`^${pattern}`).exec(text) ?? [];
      assert.ok(match.length <= shapeOf(pattern).width);
    }),
  );
});

test("hostile patterns end", () => {
  fc.assert(fc.property(fc.string({ maxLength: 40 }), (pattern) => void shapeOf(pattern)));
});
