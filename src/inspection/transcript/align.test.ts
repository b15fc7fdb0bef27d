// Whatever two sequences are, what they have in common and the gaps between are all of both; what is beyond the bound is one gap.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { steps } from "../steps.ts";
import { gapsBetween } from "./align.ts";

const names = fc.array(fc.nat({ max: 6 }), { maxLength: 40 });

test("the first with its gaps changed is the second, up to the last thing that both have", () => {
  fc.assert(
    fc.property(names, names, (first, second) => {
      const gaps = gapsBetween(first, second);
      let [at, made] = [0, [] as number[]];
      for (const { from, come, gone, behind } of gaps) {
        const begin = from[0] ?? at + (behind - come.length - made.length);
        made = [...made, ...first.slice(at, begin), ...come.map((place) => second[place] ?? -1)];
        assert.deepEqual(
          gone,
          from.map((place) => first[place]),
        );
        assert.ok(gone.length + come.length > 0);
        at = begin + gone.length;
        assert.deepEqual(made, second.slice(0, made.length));
      }
    }),
    { numRuns: 2_000 },
  );
});

test("equal ones have none, and one that is cut short or goes on has none", () => {
  assert.deepEqual(gapsBetween([1, 2, 3], [1, 2, 3]), []);
  assert.deepEqual(gapsBetween([1, 2, 3], [1, 2]), []);
  assert.deepEqual(gapsBetween([1, 2], [1, 2, 3]), []);
});

test("a head, a change, something gone", () => {
  const [head] = gapsBetween([1, 2, 3, 4], [9, 3, 4]);
  assert.deepEqual([head?.head, head?.gone, head?.come], [true, [1, 2], [0]]);
  const [change] = gapsBetween([1, 2, 3], [1, 8, 3]);
  assert.deepEqual([change?.head, change?.gone, change?.come, change?.behind], [false, [2], [1], 2]);
  const [gone] = gapsBetween([1, 2, 3], [1, 3]);
  assert.deepEqual([gone?.head, gone?.gone, gone?.come, gone?.behind], [false, [2], [], 1]);
});

test("beyond the bound all between the first and the last difference is one gap", () => {
  const first = Array.from({ length: 100_000 }, (_, at) => at + 1);
  const second = first.map((name, at) => (at === 10 || at === 90_000 ? -7 : name));
  const before = steps.aligned;
  const [gap, ...others] = gapsBetween(first, second);
  assert.equal(others.length, 0);
  assert.deepEqual([gap?.gone.length, gap?.come.length, gap?.come[0], gap?.head], [89_991, 89_991, 10, false]);
  assert.ok(steps.aligned - before <= 200_000);
});
