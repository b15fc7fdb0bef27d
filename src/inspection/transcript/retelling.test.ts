// Of a history that begins as the one before only the rest is told, and what is kept of it is bounded.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Utterance } from "../../domain/transcript.ts";
import { Retelling } from "./retelling.ts";

const utterance: fc.Arbitrary<Utterance> = fc.oneof(
  fc.record({ kind: fc.constant("said" as const), text: fc.constantFrom("", "go"), person: fc.boolean() }),
  fc.record({ kind: fc.constant("text" as const), text: fc.constantFrom("a", "b", " "), path: fc.constant("p") }),
  fc.record({ kind: fc.constant("thought" as const), text: fc.constant("hm") }),
  fc.constant<Utterance>({ kind: "call", call: "c", tool: "t", made: "{}", path: "p" }),
  fc.constant<Utterance>({ kind: "result", call: "c", tool: undefined, path: "p" }),
);
const element = fc.array(utterance, { maxLength: 4 });
/** How many elements of the one before it begins with, and those that follow. */
const histories = fc.array(fc.tuple(fc.nat({ max: 12 }), fc.array(element, { maxLength: 5 })), { maxLength: 12 });

const plain = ({ person, ...told }: ReturnType<Retelling["tell"]>) =>
  structuredClone({ ...told, words: person.words, text: person.text() });

test("whatever was told before, a history is told as if it were the first", () => {
  fc.assert(
    fc.property(histories, fc.constantFrom(5, 1_000), (all, most) => {
      const again = new Retelling(most);
      let last: readonly (readonly Utterance[])[] = [];
      for (const [same, more] of all) {
        last = [...last.slice(0, same), ...more];
        assert.deepEqual(plain(again.tell(last)), plain(new Retelling(most).tell(last)));
      }
    }),
    { numRuns: 500 },
  );
});

test("blocks of elements that stand as they stood are the very same, of a history that is kept", () => {
  const call = (made: string): readonly Utterance[] => [{ kind: "call", call: "c", tool: "t", made, path: "p" }];
  const [one, two, three] = [call("1"), call("2"), call("3")];
  const isSame = (most: number): boolean => {
    const retelling = new Retelling(most);
    const [first] = retelling.tell([one, two]).blocks;
    return retelling.tell([one, three]).blocks[0] === first;
  };
  assert.deepEqual([isSame(4), isSame(3)], [true, false]);
});
