// No text makes a rule cost more than in proportion to its length. That our patterns are of bounded width and hold no
// repetition within another proves it (own.test.ts); here the worst texts we can think of are grown eightfold, and the
// processor's time must grow about as much: 64 times is what a square gives.

import assert from "node:assert/strict";
import { test } from "node:test";
import { positives } from "./examples/positives.ts";
import { openRandom } from "./examples/random.ts";
import { ownRules } from "./own.ts";
import type { Rule, SeekSecrets } from "./rule.ts";
import { openRules } from "./seek.ts";
import { readUserRules } from "./user.ts";

const small = 6_250;
const growth = 8;
/** Milliseconds under which a figure says nothing. */
const noise = 40;

function timeOf(seek: SeekSecrets, text: string): number {
  let best = Infinity;
  for (let round = 0; round < 2; round += 1) {
    const start = process.cpuUsage();
    seek(text);
    const { user, system } = process.cpuUsage(start);
    best = Math.min(best, (user + system) / 1000);
    if (best < noise) break;
  }
  return best;
}

/** How many times as long eight times the text takes; 1 where it takes next to nothing. */
function ratio(seek: SeekSecrets, unit: string, head = ""): number {
  const text = (length: number) => head + unit.repeat(Math.ceil(length / unit.length)).slice(0, length);
  const long = timeOf(seek, text(small * growth));
  return long < noise ? 1 : long / Math.max(timeOf(seek, text(small)), 0.5);
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

test("each of ours, on beginnings without ends", () => {
  const examples = new Map(
    positives(3, ownRules.length).map(({ rule, text, from, to }) => [rule, text.slice(from, to)]),
  );
  for (const rule of ownRules) {
    const seek = openRules([rule]);
    for (const unit of worst(rule, examples.get(rule.id) ?? ""))
      assert.ok(ratio(seek, unit) < 3 * growth, `${rule.id} on ${JSON.stringify(unit.slice(0, 60))} repeated`);
  }
});

test("and the measure would notice a square", () => {
  const [rule] = ownRules;
  assert.ok(rule !== undefined);
  const square = { ...rule, pattern: "ab[\\s\\S]*!", keywords: ["ab"], at: [0], group: 0 };
  assert.ok(ratio(openRules([square]), "ab") > 3 * growth);
});

test("all of ours at once, on all their keywords", () => {
  const seek = openRules(ownRules);
  const random = openRandom(8);
  const keywords = ownRules.flatMap((rule) => rule.keywords);
  const unit = Array.from(
    { length: 300 },
    () => `${random.pick(keywords)}${random.pick(["", "-", "=", ' "', "a1B2"])}`,
  ).join("");
  assert.ok(ratio(seek, unit) < 3 * growth);
});

test("users' patterns that would stall V8 for years", () => {
  const patterns = ["(a+)+b", "(a|aa)+b", "(?:a{1,30}){2,30}b", "(a.*){2,9}x1", "a.*b|a"];
  for (const pattern of patterns) {
    const seek = openRules([], readUserRules(JSON.stringify({ rules: [{ id: "r", pattern }] }), "yaml"));
    // the letters a match needs stand there, before where it could be: an engine that looks for them first is not spared
    assert.ok(ratio(seek, "a", "bx1 ") < 3 * growth, pattern);
  }
});
