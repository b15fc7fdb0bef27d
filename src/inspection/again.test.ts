// What is kept is the answer to the very same span at the same place of the last body of the same conversation, and nothing else is.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Span } from "../domain/span.ts";
import { Again } from "./again.ts";
import { spanOf } from "./made-span.ts";

test("any bodies of any conversations: as a list of all that was answered says", () => {
  const spans = ["a", "b", "c", "d"].map(spanOf);
  const body = fc.record({ name: fc.constantFrom("one", "two"), of: fc.array(fc.nat(3), { maxLength: 6 }) });
  fc.assert(
    fc.property(fc.array(body, { maxLength: 8 }), (bodies) => {
      const again = new Again<string>();
      const last = new Map<string, readonly (readonly [Span | undefined, string])[]>();
      for (const [turn, { name, of }] of bodies.entries()) {
        const now = of.map((which) => spans[which] ?? spanOf(""));
        again.begin(now, name);
        const answers = now.map((span, nth) => {
          const [before, answer] = last.get(name)?.[nth] ?? [undefined, ""];
          assert.equal(again.get(nth), before === span ? answer : undefined);
          return [span, again.set(nth, `${turn} ${nth}`)] as const;
        });
        last.set(name, answers);
      }
    }),
    { numRuns: 500 },
  );
});

test("of a body of too many spans nothing is kept, nor of conversations long past, nor after something changed", () => {
  const again = new Again<number>();
  const look = (spans: readonly Span[], name: string): readonly (number | undefined)[] => {
    again.begin(spans, name);
    return spans.map((_, nth) => {
      const known = again.get(nth);
      again.set(nth, nth);
      return known;
    });
  };
  const [few, many] = [[spanOf("a")], Array.from({ length: 20_001 }, (_, at) => spanOf(`${at}`))];
  assert.deepEqual([look(few, "one"), look(few, "one")], [[undefined], [0]]);
  look(many, "two");
  assert.ok(look(many, "two").every((known) => known === undefined));
  for (let at = 0; at < 8; at += 1) look(few, `other ${at}`);
  assert.deepEqual([look(few, "one"), look(few, "one")], [[undefined], [0]]);
  again.clear();
  assert.deepEqual(look(few, "one"), [undefined]);
});
