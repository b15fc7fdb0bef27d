import assert from "node:assert/strict";
import { test } from "node:test";
import type { ToolRule } from "./policy.ts";
import { standingOf } from "./standing.ts";

const day = (text: string) => new Date(text).getTime();
const rule = (part: Partial<ToolRule>): ToolRule => ({
  rule: "user:tools.t",
  status: "banned",
  warnFrom: undefined,
  from: undefined,
  why: "w",
  ...part,
});
const kindAt = (rules: readonly ToolRule[], now: string) =>
  standingOf({ tools: { t: rules } }, "t", new Date(now)).kind;

void test("nothing said, or allowed: allowed", () => {
  assert.equal(standingOf({ tools: {} }, "t", new Date()).kind, "allowed");
  assert.equal(standingOf({ tools: {} }, "constructor", new Date()).kind, "allowed");
  assert.equal(kindAt([rule({ status: "allowed" })], "2026-06-01"), "allowed");
});

void test("a ban has a day, and warnings before it", () => {
  const dated = [rule({ warnFrom: day("2026-06-26"), from: day("2026-07-10") })];
  assert.deepEqual(
    ["2026-06-25T23:59:59Z", "2026-06-26", "2026-07-09T23:59:59Z", "2026-07-10"].map((now) => kindAt(dated, now)),
    ["allowed", "warned", "warned", "banned"],
  );
  assert.equal(kindAt([rule({ from: day("2026-07-10") })], "2026-07-01"), "allowed");
  assert.equal(kindAt([rule({})], "2026-07-01"), "banned");
});

void test("the strictest word of all layers counts", () => {
  assert.equal(kindAt([rule({ status: "allowed" }), rule({})], "2026-07-01"), "banned");
  const warned = standingOf(
    { tools: { t: [rule({ warnFrom: 0, from: day("2026-09-01") }), rule({ warnFrom: 0, from: day("2026-08-01") })] } },
    "t",
    new Date("2026-07-01"),
  );
  assert.equal(warned.kind === "warned" ? warned.from.toISOString().slice(0, 10) : "", "2026-08-01");
});
