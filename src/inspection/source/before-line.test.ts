import assert from "node:assert/strict";
import { test } from "node:test";
import { shapeOf } from "./by-the-book.ts";
import { keyHashes } from "./keyed.ts";
import { isWritten, readLines } from "./lines.ts";
import { key } from "./made-source.ts";

const keyed = keyHashes(key);
const rest = "constledger=open();";
/** What is left of a text of one line, blanks apart. */
function left(text: string): string {
  const { plain, size } = readLines(Buffer.from(text), keyed);
  return plain.subarray(0, size).toString();
}

/** As they are written; each is a way of its own to go past something. */
const rows: readonly (readonly [name: string, example: string])[] = [
  ["number and tab (cat -n)", "    12\t"],
  ["number and arrow", "   12→"],
  ["number and bar", "00012| "],
  ["number, blank and bar", "  12 │ "],
  ["number and colon (ripgrep, grep -n)", "12:"],
  ["number and hyphen (ripgrep's context)", "12-"],
  ["L, number and colon", "L12: "],
  ["path, number and colon", "src/a.ts:12:"],
  ["path, number and hyphen", "src/a.ts-12-"],
  ["added line", "+"],
  ["removed line", "-"],
  ["quote", "> "],
];
for (const [name, example] of rows)
  test(`taken off: ${name}`, () => {
    assert.equal(left(`${example}${rest}`), rest);
    assert.equal(left(`> ${example}${example}  ${rest}`), rest, "more of them, one after the other");
    const { shapes, marked } = readLines(Buffer.from(`${example}${rest}`), keyed);
    assert.equal(shapes[0], shapeOf(Buffer.from(`${example}${rest}`).toString("latin1")), "as it stands");
    assert.equal(marked[0], 1);
    assert.ok(isWritten(0, shapeOf(rest)), "as it is behind that");
  });

const kept = [
  "const ledger = open();",
  "42",
  "12 of them",
  "a:12 b",
  "localhost:8080",
  "case 12: return;",
  "x = 1 - 2",
  "L: 12",
  "12.5: a",
  "1234567890:a",
  "'src/a.ts:12:",
];
for (const text of kept)
  test(`left as it is: ${text}`, () => {
    assert.equal(left(text), text.toLowerCase().replaceAll(" ", ""));
    assert.equal(readLines(Buffer.from(text), keyed).marked[0], 0);
  });

test("what is nothing but marks is blank", () => {
  for (const text of ["  ", "---", "+", "> >", "12:", " 7\t"]) {
    assert.equal(left(text), "");
    assert.equal(readLines(Buffer.from(text), keyed).hashes[0], 0);
  }
});

test("never past the line's end", () => {
  for (const [, example] of rows) {
    const { starts, count } = readLines(Buffer.from(`${example.trimEnd()}\n12:${rest}\n`), keyed);
    assert.deepEqual([count, (starts[2] ?? 0) - (starts[1] ?? 0)], [2, rest.length], example);
  }
});
