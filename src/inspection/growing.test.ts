// What is gathered over a body that goes on from others is what is gathered over it alone; and what both have in common is gone through
// once.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Span } from "../domain/span.ts";
import { Growing } from "./growing.ts";
import { spanOf } from "./made-span.ts";

function openCounted() {
  let added = 0;
  const growing = new Growing<string[]>({
    begin: () => [],
    add: (state, { text }, nth) => {
      added += 1;
      if (text === "nothing") return undefined;
      state.push(`${text} ${nth}`);
      return () => state.pop();
    },
  });
  const over = (spans: readonly Span[], name = "one") => {
    added = 0;
    return { all: growing.over(spans, name), added };
  };
  return { over, clear: growing.clear.bind(growing) };
}

test("any bodies of any conversations: as if each were the first", () => {
  const spans = ["a", "b", "nothing", "d"].map(spanOf);
  const body = fc.record({ name: fc.constantFrom("one", "two"), of: fc.array(fc.nat(3), { maxLength: 7 }) });
  fc.assert(
    fc.property(fc.array(body, { maxLength: 9 }), (bodies) => {
      const { over } = openCounted();
      for (const { name, of } of bodies) {
        const now = of.map((which) => spans[which] ?? spanOf(""));
        const alone = now.flatMap(({ text }, nth) => (text === "nothing" ? [] : [`${text} ${nth}`]));
        assert.deepEqual(over(now, name).all, alone);
      }
    }),
    { numRuns: 2_000 },
  );
});

test("of a conversation that grows only what is new is gone through; after a change all of it", () => {
  const { over, clear } = openCounted();
  const spans = Array.from({ length: 100 }, (_, at) => spanOf(`${at}`));
  const grown = (turn: number): readonly Span[] => [...spans.slice(0, turn * 10), spanOf("behind")];
  const added = [1, 2, 3, 4].map((turn) => over(grown(turn)).added);
  assert.deepEqual(added, [11, 11, 11, 11]);
  clear();
  assert.equal(over(grown(5)).added, 51);
});

test("what changes while a body is gone through is kept for none", () => {
  let word = "old";
  const growing = new Growing<string[]>({
    begin: () => [],
    add: (state, { text }) => {
      if (text === "change") {
        word = "new";
        growing.clear();
      }
      state.push(word);
      return () => state.pop();
    },
  });
  const [plain, change] = [spanOf("plain"), spanOf("change")];
  growing.over([plain, plain, plain], "one");
  growing.over([plain, plain, change], "one");
  assert.deepEqual(growing.over([plain, plain, change], "one"), ["new", "new", "new"]);
});

test("of a body of too many spans nothing is kept, nor of conversations long past", () => {
  const { over } = openCounted();
  const [few, many] = [[spanOf("a")], Array.from({ length: 20_001 }, (_, at) => spanOf(`${at}`))];
  const times = (spans: readonly Span[], name: string): readonly number[] =>
    [1, 2, 3].map(() => over(spans, name).added);
  assert.deepEqual(times(few, "one"), [1, 0, 0]);
  assert.deepEqual(times(many, "many"), [20_001, 20_001, 20_001]);
  for (let at = 0; at < 8; at += 1) over(few, `other ${at}`);
  assert.deepEqual(times(few, "one"), [1, 0, 0]);
});
