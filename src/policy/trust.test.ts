import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { sha256 } from "./canonical.ts";
import { parseTrust, trustRecord } from "./trust.ts";

void test("what was recorded is trusted, by digest alone", () => {
  const [mine, other] = [sha256("mine"), sha256("other")];
  const line = trustRecord({ path: "/w/postern.yaml", digest: mine, by: "me", at: new Date(0) });
  const trusted = parseTrust(`not json\n{}\nnull\n{"digest":1}\n{"digest":"${"0".repeat(63)}"}\n${line}`);
  assert.deepEqual([trusted(mine), trusted(other)], [true, false]);
});

void test("random text trusts nothing and never throws", () => {
  fc.assert(fc.property(fc.string(), (text) => assert.equal(parseTrust(text)(sha256("x")), false)));
});
