// Known values by their hashes: every algorithm, way of writing and cut that is told, and nothing of another value.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import { openDigestSeeker } from "./known-digests.ts";
import type { KnownValue } from "./known-text.ts";

const value = "kv-9fQ2xLr7Tz0bWm4Yc1";
const seek = openDigestSeeker(() => [{ label: "credential key", value }]);

const digestOf = (algorithm: string, said = value): Buffer => createHash(algorithm).update(said).digest();

test("four algorithms, hexadecimal in either case, base64 in either alphabet, as it is and with a line end", () => {
  for (const algorithm of ["sha256", "sha1", "md5", "sha512"])
    for (const said of [value, `${value}\n`]) {
      const digest = digestOf(algorithm, said);
      const hex = digest.toString("hex");
      for (const written of [hex, hex.toUpperCase(), digest.toString("base64"), digest.toString("base64url")]) {
        const text = `key is ${written}, é`;
        const [found, ...more] = seek(text);
        assert.equal(more.length, 0);
        assert.deepEqual([found?.label, found?.within?.[0]], ["credential key", algorithm]);
        assert.equal(text.slice(found?.from, found?.to), written.replace(/=+$/, ""));
      }
    }
});

test("cut to eight octets, and after other letters; shorter is not told from chance", () => {
  const hex = digestOf("sha256").toString("hex");
  assert.equal(seek(`id ${hex.slice(0, 16)}`).length, 1);
  assert.equal(seek(`abc${hex.slice(0, 20)}`).length, 1);
  assert.equal(seek(`id ${hex.slice(0, 15)}`).length, 0);
});

test("what becomes known later is sought from then on; other digests are none", () => {
  const values: KnownValue[] = [];
  const later = openDigestSeeker(() => values);
  const text = digestOf("sha1").toString("hex");
  assert.deepEqual(later(text), []);
  values.push({ label: "found", value });
  assert.equal(later(text).length, 1);
  fc.assert(
    fc.property(fc.string({ maxLength: 200 }), (any) => {
      for (const written of [any, digestOf("sha256", `x${any}`).toString("hex")]) assert.deepEqual(seek(written), []);
    }),
  );
});

test("a text full of one value's hash hides no other's", () => {
  const [one, other] = ["kv-9fQ2xLr7Tz0bWm4Yc1", "correct horse battery 9"];
  const seek = openDigestSeeker(() => [
    { label: "one", value: one },
    { label: "other", value: other },
  ]);
  const hex = (text: string): string => createHash("sha256").update(text).digest("hex");
  const found = seek(`${`${hex(one)} `.repeat(3_000)}${hex(other)}`);
  assert.ok(found.some(({ kind, label }) => kind === "secret" && label === "other"));
  assert.ok(found.some(({ kind, label, cut }) => kind === "closed" && label === "one" && cut === "secret"));
});
