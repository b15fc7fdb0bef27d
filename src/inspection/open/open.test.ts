// A text written in codings within codings is found again, wherever it stands; what is none of it stays closed, and all is bounded.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { deflateSync, gunzipSync, gzipSync, inflateSync } from "node:zlib";
import fc from "fast-check";
import { steps } from "../steps.ts";
import { type Coding, type Inflate, openAll, openBounds } from "./open.ts";

const inflate: Inflate = (bytes, most) => {
  try {
    return bytes[0] === 0x1f
      ? gunzipSync(bytes, { maxOutputLength: most })
      : inflateSync(bytes, { maxOutputLength: most });
  } catch (error) {
    return error instanceof RangeError ? "more" : undefined;
  }
};

const write: Readonly<Record<Exclude<Coding, "gzip" | "deflate" | "utf-16">, (text: string) => string>> = {
  base64: (text) => Buffer.from(text).toString("base64"),
  hex: (text) => Buffer.from(text).toString("hex"),
  percent: (text) => [...Buffer.from(text)].map((octet) => `%${octet.toString(16).padStart(2, "0")}`).join(""),
  escapes: (text) => JSON.stringify(text).slice(1, -1),
};

const message = 'the "secret" recipe\nof the house: épices';

test("each coding, and each within each, is opened", () => {
  for (const inner of ["base64", "hex", "percent", "escapes"] as const)
    for (const outer of ["base64", "hex", "percent", "escapes"] as const) {
      const text = `{"a":"${write[outer](write[inner](message))}"}`;
      const { found, left } = openAll(text, inflate);
      assert.ok(
        found.some((one) => one.text.includes(message)),
        `${inner} in ${outer}`,
      );
      assert.ok(!left);
      assert.ok(
        openAll(`x ${write[inner](message)} y`, inflate).found.some((one) => one.text.includes(message)),
        inner,
      );
    }
});

test("what is compressed within base64, in lines of 76, and in sixteen bits a character", () => {
  for (const [packed, coding] of [
    [gzipSync(message), "gzip"],
    [deflateSync(message), "deflate"],
    [Buffer.from("the recipe of the house", "utf16le"), "utf-16"],
  ] as const) {
    const [opened] = openAll(packed.toString("base64"), inflate).found;
    assert.deepEqual(opened?.codings, ["base64", coding]);
  }
  const lines = Buffer.from(message.repeat(8)).toString("base64").replace(/.{76}/g, "$&\n");
  assert.ok(openAll(`-----\n${lines}\n-----`, inflate).found.some(({ text }) => text === message.repeat(8)));
});

test("the place is the outermost text's own", () => {
  const inner = write.base64(write.base64(message));
  const text = `before ${inner} after`;
  for (const { from, to } of openAll(text, inflate).found) assert.equal(text.slice(from, to), inner);
});

test("names, digests and paths are no text of another coding", () => {
  for (const text of [
    "node_modules/@scope/some-package-name/index.js",
    "sha512-EqrwbRcI7M5y8jQlqZx0v3VJ8yQ1hX0q6m3wq1b2uYkq9W1oG8d9vZrY7JwP3fQz",
    "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "SomeVeryLongIdentifierNameInCamelCase",
    "2026-11-27T10:00:00.000Z",
  ])
    assert.deepEqual(openAll(text, inflate).found, [], text);
});

test("depth, size and number are bounded, and what is left closed is said", () => {
  let deep = message;
  for (let depth = 0; depth < openBounds.depth + 2; depth += 1) deep = write.base64(deep);
  assert.ok(openAll(deep, inflate).left);
  assert.ok(openAll(`${write.base64("a message of some length")} `.repeat(2_000), inflate).left);
  const bomb = gzipSync(Buffer.alloc(40_000_000, "a")).toString("base64");
  assert.deepEqual(openAll(bomb, inflate).found, []);
  assert.ok(!openAll(message, inflate).left);
});

test("any text: no throw, places within it", () => {
  const piece = fc.constantFrom(
    "%41",
    "\\n",
    "\\u0041",
    "QUFB",
    "\n",
    "=",
    "deadbeef",
    " ",
    "\\",
    "é",
    "H4sIAAAA",
    "eJw",
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
      const text = pieces.join("");
      for (const { from, to } of openAll(text, inflate).found) assert.ok(from >= 0 && to <= text.length && from < to);
    }),
    { numRuns: 1_000 },
  );
});

test("text within a run that is none as a whole: something else right before it, behind it, in another coding", () => {
  const secret = "the token is ghp_abcdefghijklmnop";
  const [base64, hex] = [
    Buffer.from(`${secret}!!`).toString("base64").replaceAll("=", ""),
    Buffer.from(secret).toString("hex"),
  ];
  for (const before of ["", "Ab", "QQ", "Zm8", "9"])
    for (const behind of ["", "A", "zzz", "//8"])
      for (const run of [base64, hex, base64 + hex]) {
        const { found } = openAll(`x ${before}${run}${behind} y`, inflate);
        assert.ok(
          found.some(({ text }) => text.includes(secret)),
          `${before} ${behind} ${run === hex ? "hex" : "base64"}`,
        );
      }
});

test("octets of chance hold no text", () => {
  let found = 0;
  for (let round = 0; round < 50; round += 1)
    found += openAll(randomBytes(20_000).toString("base64"), inflate).found.length;
  assert.ok(found <= 1, `${found}`);
});

test("long texts of what begins every coding, of one letter, of lines: bounded, whatever their length", () => {
  for (const unit of ["%41 aaaa", "aaaaaaaaaaaaaaa ", "%4", "\\\\u00", "QUFBQUFBQUFBQUFB\n", "a", "0", "%41"]) {
    const before = { ...steps };
    openAll(`%41 ${unit.repeat(12_000_000 / unit.length)}`, inflate);
    assert.ok(steps.decoded - before.decoded <= openBounds.octets, unit);
    assert.ok(steps.opened - before.opened <= openBounds.found, unit);
  }
});

test("what is too large is left closed by itself: what stands behind it is opened", () => {
  const { found, left } = openAll(`${"QUJD".repeat(1_200_000)} ${write.base64(message)}`, inflate);
  assert.deepEqual([found.map(({ text }) => text), left], [[message], true]);
});

test("bombs count as what they become: together no more than is opened of anything", () => {
  const bomb = gzipSync(Buffer.alloc(3_000_000, "a ")).toString("base64");
  const { found, left } = openAll(`${bomb} `.repeat(100), inflate);
  assert.ok(left && found.reduce((sum, { text }) => sum + text.length, 0) <= openBounds.octets);
});

test("lines of base64 belong together up to one that is longer than lines are", () => {
  const lines = write.base64(message.repeat(4)).replace(/.{76}/g, "$&\r\n");
  assert.ok(openAll(`x\n${lines}\n${"A".repeat(90)}`, inflate).found.some(({ text }) => text === message.repeat(4)));
});
