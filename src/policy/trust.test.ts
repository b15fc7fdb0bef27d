import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { sha256 } from "./canonical.ts";
import { parseTrust, trustRecord } from "./trust.ts";

void test("what was recorded is trusted, by digest and checkout", () => {
  const [mine, other] = [sha256("mine"), sha256("other")];
  const line = trustRecord({ path: "/w/postern.yaml", digest: mine, by: "me", at: new Date(0) });
  const trusted = parseTrust(`not json\n{}\nnull\n{"digest":1}\n{"digest":"${"0".repeat(63)}"}\n${line}`, "/w");
  assert.deepEqual([trusted(mine), trusted(other)], [true, false]);
  for (const elsewhere of ["/other", "/w/postern.yaml", "/w2"]) assert.equal(parseTrust(line, elsewhere)(mine), false);
});

void test("random text trusts nothing and never throws", () => {
  fc.assert(fc.property(fc.string(), (text) => assert.equal(parseTrust(text, "/w")(sha256("x")), false)));
});
