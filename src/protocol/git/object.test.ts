// What may be signed: commits and tags as git itself hands them over, and nothing that is not one.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parseSigned } from "./object.ts";

const [a, b] = ["a".repeat(40), "b".repeat(40)];
const who = "Jäne D. <jane@example.org> 1700000000 +0100";
const people = `author ${who}\ncommitter ${who}\n`;
const read = (text: string) => parseSigned(Buffer.from(text));
const kind = (text: string): string => {
  const object = read(text);
  return typeof object === "string" ? "none" : object.kind;
};

test("commits and tags", () => {
  const merge = `tree ${a}\nparent ${b}\nparent ${a}\n${people}encoding ISO-8859-1\nmergetag object ${a}\n type commit\n tag x\n \n y\n\nMerge\n`;
  for (const text of [
    `tree ${a}\n${people}\nfirst\n`,
    `tree ${a}\nparent ${b}\n${people}\n`,
    merge,
    `tree ${a.padEnd(64, "a")}\n${people}\nx`,
  ])
    assert.equal(kind(text), "commit", text);
  assert.equal(kind(`tree ${a}\nauthor  <a@example.org> 1 +0000\ncommitter <> -1 -0000\n\nx`), "commit");
  assert.equal(kind(`object ${a}\ntype commit\ntag v1.0\ntagger ${who}\n\nrelease\n`), "tag");
  const object = read(`tree ${a}\n${people}\nfirst lïne\n\nmore\n`);
  assert.ok(typeof object !== "string");
  assert.deepEqual(
    [object.subject, Buffer.from(object.text, "latin1").toString()],
    ["first lïne", `tree ${a}\n${people}\nfirst lïne\n\nmore\n`],
  );
});

const strange: readonly string[] = [
  "",
  "hello\n",
  "certificate version 0.1\npusher a 1 +0000\n\n",
  `tree ${a}\n\nx`,
  `tree ${a}\n${people}`,
  `tree ${a}\n${people}no header\n\nx`,
  `tree ${a}\n${people}gpgsig -----BEGIN\n\nx`,
  `tree ${a.slice(1)}\n${people}\nx`,
  `tree ${a}\nparent x\n${people}\nx`,
  `tree ${a}\ncommitter ${who}\nauthor ${who}\n\nx`,
  `tree ${a}\nauthor nobody\ncommitter ${who}\n\nx`,
  ` tree ${a}\n${people}\nx`,
  `tree x\ntree ${a}\n${people}\nx`,
  `x\ntree ${a}\n${people}\nx`,
  `tree ${a}\n${people}\nx\0y`,
  `commit 100\0tree ${a}\n${people}\nx`,
  `object ${a}\ntype commit\ntag v1.0\n\nx`,
  `object ${a}\ntype other\ntag v1.0\ntagger ${who}\n\nx`,
  `object ${a}\ntype commit\ntag v1 0\ntagger ${who}\n\nx`,
];
for (const text of strange)
  test(`neither: ${JSON.stringify(text).slice(0, 70)}`, () => assert.equal(kind(text), "none"));

test("whatever comes, it answers soon, and what it takes for an object begins as one", () => {
  const part = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.constantFrom(
      `tree ${a}\n`,
      `parent ${b}\n`,
      people,
      "\n",
      "mergetag x\n y\n",
      `object ${a}\n`,
      "type commit\n",
      "tag x\n",
      `tagger ${who}\n`,
    ),
  );
  fc.assert(
    fc.property(fc.array(part, { maxLength: 12 }), (parts) => {
      const text = parts.join("");
      const object = read(text);
      if (typeof object !== "string")
        assert.match(text, object.kind === "commit" ? /^tree [0-9a-f]{40}\n/ : /^object [0-9a-f]{40}\n/);
    }),
    { numRuns: 3000 },
  );
  for (const long of [
    `tree ${a}\n${people}mergetag ${"x\n ".repeat(300_000)}`,
    `tree ${a}\n${`parent ${b}\n`.repeat(20_000)}`,
    "tree ".repeat(200_000),
  ])
    assert.equal(kind(long), "none");
});
