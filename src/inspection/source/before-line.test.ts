import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { beginnings, lineBegins, rows } from "./before-line.ts";

const rest = "const ledger = open();";
const begin = (text: string): string => {
  const octets = Buffer.from(text);
  return octets.subarray(lineBegins(octets, 0, octets.length)).toString();
};

for (const { name, example } of rows)
  test(`taken off: ${name}`, () => {
    const begins = (text: string) => {
      const octets = Buffer.from(text);
      return rows.some(
        (row) => row.name === name && row.begins(octets[0] ?? 0) && row.after(octets, 0, octets.length) > 0,
      );
    };
    assert.ok(begins(`${example.trimStart()}${rest}`), "its own row does it");
    assert.equal(begin(`${example}${rest}`), rest);
    assert.equal(begin(`> ${example}${example}  ${rest}`), rest, "more of them, one after the other");
    const octets = Buffer.from(`${example}${rest}`);
    const starts = beginnings(octets, 0, octets.length).map((at) => octets.subarray(at).toString());
    assert.ok(starts.includes(rest) && starts[0] === `${example}${rest}`);
  });

const kept = [
  rest,
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
for (const text of kept) test(`left as it is: ${text}`, () => assert.equal(begin(text), text));

test("what is nothing but marks is blank", () => {
  for (const text of ["", "  ", "---", "+", "> >", "12:", " 7\t"]) assert.equal(begin(text), "");
});

test("never past the line's end, whatever it holds", () => {
  const pieces = fc.array(
    fc.constantFrom("1", "12", ":", "-", "+", ">", "|", " ", "\t", "→", "│", "a/b", ".", "L", "x"),
  );
  fc.assert(
    fc.property(pieces, pieces, (before, after) => {
      const line = before.join("");
      const octets = Buffer.from(`${line}\n${after.join("")}`);
      const end = Buffer.byteLength(line);
      assert.ok(lineBegins(octets, 0, octets.length) <= end);
      assert.equal(lineBegins(octets, 0, octets.length), lineBegins(octets, 0, end));
    }),
    { numRuns: 2000 },
  );
});
