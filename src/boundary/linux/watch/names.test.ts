// A name is the same after it was text, whatever its bytes; what is shown of it is well-formed.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { bytesOf, shown, terminated, textOf } from "./names.ts";

test("every name comes back as it was, also joined to another", () => {
  const name = fc.oneof(
    fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
    fc.string({ unit: "grapheme" }).map((text) => Buffer.from(text)),
  );
  fc.assert(
    fc.property(name, name, (one, other) => {
      const joined = `${textOf(one)}/${textOf(other)}`;
      assert.deepEqual(bytesOf(joined), Buffer.concat([one, Buffer.from("/"), other]));
      assert.ok(shown(joined).isWellFormed());
    }),
  );
});

test("names that are no text differ from each other, and from what they look like", () => {
  const [one, other, alike] = [Buffer.of(0x64, 0xff), Buffer.of(0x64, 0xfe), Buffer.from("d\ufffd")].map(textOf);
  assert.equal(new Set([one, other, alike]).size, 3);
  assert.deepEqual(
    [one, other].map((text) => shown(text ?? "")),
    [alike, alike],
  );
  assert.deepEqual(terminated(one ?? ""), Buffer.of(0x64, 0xff, 0));
});
