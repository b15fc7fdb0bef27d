import assert from "node:assert/strict";
import { test } from "node:test";
import { evaluate } from "./evaluate.ts";
import { key, madeFile, madeLines } from "./made-source.ts";
import { mutations } from "./mutations.ts";

const protectedFiles = Array.from({ length: 12 }, (_, seed) => madeFile(seed, 120));
const others = [200, 201].map((seed) => ({
  path: `other-${seed}.ts`,
  octets: Buffer.from(madeLines(seed, 300).join("\n")),
}));
const material = { key, seed: 1, snippets: 6, protectedFiles, others, publicFiles: [] };

test("on made-up source: everything exact but what is only similar, nothing of others", () => {
  const { rows, others: seen, index } = evaluate(material);
  assert.equal(rows.length, mutations.length * 5);
  for (const { mutation, length, named, exact, recall, beyond } of rows) {
    if (mutation === "renamed" || mutation === "one line") continue;
    assert.deepEqual([named, exact, recall, beyond], length < 5 ? [named, named, recall, 0] : [1, 1, 1, 0]);
  }
  assert.deepEqual(seen, { files: 2, lines: 600, attributed: 0 });
  assert.ok(index.octets > 0 && index.files === 12);
});

test("the same seed gives the same figures", () => {
  assert.deepEqual(evaluate(material), evaluate(material));
});

test("the figures notice: with the protected files declared public nothing is named; of protected others all lines are", () => {
  const nothing = evaluate({ ...material, publicFiles: protectedFiles });
  assert.ok(nothing.rows.every(({ named, recall }) => named === 0 && recall === 0));
  const all = evaluate({ ...material, others: protectedFiles });
  assert.ok(all.others.attributed >= all.others.lines - 12);
});
