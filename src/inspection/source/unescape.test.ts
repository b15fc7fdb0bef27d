import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { unescapeLines } from "./unescape.ts";

const read = (text: string): string => Buffer.from(unescapeLines(Buffer.from(text), [])).toString();

test("what JSON.stringify wrote is read again, one level at a time", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      const written = JSON.stringify(text);
      const wanted = written.includes("\\") ? `\0\n${Buffer.from(text).toString()}\0\n` : "";
      assert.equal(read(written), wanted);
    }),
    { numRuns: 1000 },
  );
});

const cases: readonly [written: string, text: string][] = [
  ["no backslash\nnone", ""],
  ["first\nsecond \\t end\nthird", "second \t end\n"],
  ["\\u0041\\u00e9\\u20AC\\ud83d\\ude00", "Aé€😀"],
  ["\\ud83d alone, \\ude00 too", "\ufffd alone, \ufffd too"],
  ["\\x \\u12 \\", "\\x \\u12 \\"],
  ["it\\'s \\/ \\\\n", "it's / \\n"],
  ['"a\\n"', "\0\na\n\0\n"],
];
for (const [written, text] of cases) test(`read: ${JSON.stringify(written)}`, () => assert.equal(read(written), text));

test("lines that are known already are left out", () => {
  const octets = Buffer.from("a\\t1\nb\\t2\nc\\t3\n");
  assert.equal(Buffer.from(unescapeLines(octets, [[5, 10]])).toString(), "a\t1\nc\t3\n");
});

test("any octets: nothing is thrown, and what comes out has at most a NUL more for each quote", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.array(fc.constantFrom(92, 34, 117, 48, 10, 110)), (a, b) => {
      const octets = Buffer.concat([a, Buffer.from(b), a]);
      const quotes = octets.filter((octet) => octet === 34).length;
      assert.ok(unescapeLines(octets, []).length <= octets.length + quotes);
    }),
  );
});
