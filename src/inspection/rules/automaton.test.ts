import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { buildAutomaton } from "./automaton.ts";

function found(keywords: readonly string[], text: string): readonly string[] {
  const all: string[] = [];
  buildAutomaton(keywords).search(text, (keyword, start) => all.push(`${keyword} ${start}`));
  return all.toSorted();
}

test("finds each keyword wherever it stands, as looking for one at a time does", () => {
  const word = fc.string({ unit: fc.constantFrom("a", "b", "k", "-"), minLength: 1, maxLength: 5 });
  const text = fc.string({ unit: fc.constantFrom("a", "A", "b", "B", "k", "-", "é", "😀"), maxLength: 60 });
  fc.assert(
    fc.property(fc.uniqueArray(word, { minLength: 1, maxLength: 8 }), text, (keywords, haystack) => {
      const expected = keywords.flatMap((keyword, number) => {
        const places: string[] = [];
        const low = haystack.toLowerCase();
        for (let at = low.indexOf(keyword); at >= 0; at = low.indexOf(keyword, at + 1)) places.push(`${number} ${at}`);
        return places;
      });
      assert.deepEqual(found(keywords, haystack), expected.toSorted());
    }),
    { numRuns: 2000 },
  );
});

test("whatever its case, and with the letters RE2 holds for k and s", () => {
  assert.deepEqual(found(["ask", "sk"], "ASK aſ\u212a ask"), ["0 0", "0 4", "0 8", "1 1", "1 5", "1 9"]);
});

test("no keyword, or none there, is no hit", () => {
  assert.deepEqual(found([], "anything"), []);
  assert.deepEqual(found(["xyz"], "xyxyxzyx"), []);
});
