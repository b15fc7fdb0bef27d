// No text makes a rule cost more than in proportion to its length. That our patterns are of bounded width and hold no repetition within
// another proves it for one attempt (own.test.ts); here the attempts are counted, on the worst texts we can think of, and how much others'
// patterns are given to read. What that takes in time is not measured here.

import assert from "node:assert/strict";
import { test } from "node:test";
import { steps } from "../steps.ts";
import { positives } from "./examples/positives.ts";
import { openRandom } from "./examples/random.ts";
import { foreignReach } from "./limits.ts";
import { ownRules } from "./own.ts";
import type { Rule, SeekSecrets } from "./rule.ts";
import { openRules } from "./seek.ts";
import { readUserRules } from "./user.ts";

const length = 50_000;

/** Attempts of ours, and units that others' were given. */
function countOf(seek: SeekSecrets, unit: string, head = "") {
  const before = { ...steps };
  seek(head + unit.repeat(Math.ceil(length / unit.length)).slice(0, length));
  return { tried: steps.tried - before.tried, scanned: steps.scanned - before.scanned };
}

/** Beginnings without ends, in the densest order. */
function worst(rule: Rule, example: string): readonly string[] {
  const keyword = rule.keywords[0] ?? "";
  const start = example.slice(0, Math.max(keyword.length, Math.floor(example.length / 2)));
  return [
    keyword,
    `-${keyword}`,
    start,
    `.${start}`,
    example.slice(0, -1),
    `${keyword}${"a".repeat(200)}`,
    `\n${start}A1`,
  ];
}

test("each of ours, on beginnings without ends: once at each place of its keywords, at most", () => {
  const examples = new Map(
    positives(3, ownRules.length).map(({ rule, text, from, to }) => [rule, text.slice(from, to)]),
  );
  for (const rule of ownRules) {
    const seek = openRules([rule]);
    const most = length * rule.at.length * rule.keywords.length;
    for (const unit of worst(rule, examples.get(rule.id) ?? "")) {
      const { tried } = countOf(seek, unit);
      assert.ok(tried <= most, `${rule.id}: ${tried} on ${JSON.stringify(unit.slice(0, 60))} repeated`);
    }
  }
});

test("and the count would notice what is tried again from every place", () => {
  const [rule] = ownRules;
  assert.ok(rule !== undefined);
  const places = Array.from({ length: 300 }, (_, at) => at);
  const { tried } = countOf(openRules([{ ...rule, pattern: "ab!", keywords: ["ab"], at: places, group: 0 }]), "ab");
  assert.ok(tried > 100 * length, `${tried}`);
});

test("all of ours at once, on all their keywords", () => {
  const seek = openRules(ownRules);
  const random = openRandom(8);
  const keywords = ownRules.flatMap((rule) => rule.keywords);
  const unit = Array.from(
    { length: 300 },
    () => `${random.pick(keywords)}${random.pick(["", "-", "=", ' "', "a1B2"])}`,
  ).join("");
  const { tried } = countOf(seek, unit);
  assert.ok(tried > 1_000 && tried < 4 * length, `${tried}`);
});

test("users' patterns that would stall V8 for years read each place no more than twice, and its surroundings", () => {
  const patterns = ["(a+)+b", "(a|aa)+b", "(?:a{1,30}){2,30}b", "(a.*){2,9}x1", "a.*b|a", "(x+x+)+y", "(.*)*1"];
  for (const pattern of patterns) {
    const seek = openRules([], readUserRules(JSON.stringify({ rules: [{ id: "r", pattern }] }), "yaml"));
    // the letters a match needs stand there, before where it could be: an engine that looks for them first is not spared
    const { scanned } = countOf(seek, "a", "bx1 ");
    assert.ok(scanned > 0 && scanned <= 2 * (length + 2 * foreignReach), `${pattern}: ${scanned}`);
  }
});
