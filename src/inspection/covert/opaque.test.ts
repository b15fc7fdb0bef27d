// Values that only chance writes, where no protocol has a place for them: counted once each, and no word, path or identifier.

import assert from "node:assert/strict";
import { createHash, randomBytes, randomUUID } from "node:crypto";
import { test } from "node:test";
import type { Span } from "../../domain/span.ts";
import { openOpaqueSeeker } from "./opaque.ts";

const span = (text: string, role: Span["role"] = "unknown"): Span => ({
  role,
  kind: "free",
  place: { from: 0, to: text.length, escaped: false },
  text,
  path: "x_extra[0].blob",
  fixed: false,
});

test("chance in hexadecimal and base64 is counted from above, once for each value; of a hundred one may be taken for a name", () => {
  for (const [encoding, factor] of [
    ["hex", 1],
    ["base64url", 1.2],
  ] as const) {
    let found = 0;
    for (let round = 0; round < 200; round += 1) {
      const octets = createHash("sha256").update(`${round}`).digest();
      const opaque = openOpaqueSeeker();
      const [one] = opaque.look([span(octets.toString(encoding))]);
      assert.deepEqual(opaque.look([span(octets.toString(encoding))]), []);
      if (one === undefined) continue;
      found += 1;
      assert.ok((one.seen.bits ?? 0) >= 256 && (one.seen.bits ?? 0) <= 256 * factor, `${one.seen.bits}`);
    }
    assert.ok(found >= 198, `${found} of 200`);
  }
});

test("names, paths, versions, words, identifiers, and what a protocol has a place for, are none", () => {
  const opaque = openOpaqueSeeker();
  for (const text of [
    "claude-sonnet-4-5-20250929",
    "packages/core/src/components/ButtonGroup",
    "this is a sentence of several ordinary words",
    "getElementsByTagNameNS_and_more",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    randomUUID(),
    "2026-11-28T07:21:00.123Z",
  ])
    assert.deepEqual(opaque.look([span(text)]), [], text);
  assert.deepEqual(opaque.look([span(randomBytes(32).toString("hex"), "structure")]), []);
});

test("of a span that stood in the body before neither text nor place is made again", () => {
  let asked = 0;
  const one = {
    ...span(randomBytes(64).toString("base64")),
    get path() {
      asked += 1;
      return "x";
    },
  };
  const opaque = openOpaqueSeeker();
  assert.equal(opaque.look([one]).length, 1);
  assert.deepEqual([opaque.look([one]), asked], [[], 1]);
});
