// What every one of our own rules must be, whatever it looks for.

import assert from "node:assert/strict";
import { test } from "node:test";
import { builders } from "./examples/built.ts";
import { codeFormats } from "./examples/code.ts";
import { namedFormats } from "./examples/named.ts";
import { negativeKinds, negatives } from "./examples/negatives.ts";
import { positives } from "./examples/positives.ts";
import { serviceFormats } from "./examples/services.ts";
import { ownWidth } from "./limits.ts";
import { ownRules } from "./own.ts";
import type { Rule } from "./rule.ts";
import { openRules } from "./seek.ts";
import { shapeOf } from "./shape.ts";

/** What is wrong with a rule's form: nothing for each of ours. */
function faultsOf(rule: Rule): readonly string[] {
  const { width, nested } = shapeOf(rule.pattern);
  const faults: string[] = [];
  if (width > ownWidth) faults.push(`a match may be ${width} wide`);
  if (nested) faults.push("a repetition within a repetition");
  if (rule.keywords.length === 0) faults.push("no keyword");
  for (const keyword of rule.keywords)
    if (!/^[\x21-\x40\x5b-\x7e ]{3,}$/.test(keyword)) faults.push(`keyword '${keyword}'`);
  const groups = new RegExp(`${rule.pattern}|`).exec("")?.length ?? 0;
  if (rule.group >= groups) faults.push(`no group ${rule.group}`);
  return faults;
}

test("each has a name of its own, a pattern of its own, bounded width and no repetition within another", () => {
  assert.ok(ownRules.length >= 400, `${ownRules.length} rules`);
  assert.equal(new Set(ownRules.map(({ id }) => id)).size, ownRules.length);
  assert.equal(new Set(ownRules.map(({ pattern }) => pattern)).size, ownRules.length);
  assert.deepEqual(
    ownRules.flatMap((rule) => faultsOf(rule).map((fault) => `${rule.id}: ${fault}`)),
    [],
  );
});

test("and the check would notice", () => {
  const [rule] = ownRules;
  assert.ok(rule !== undefined);
  assert.deepEqual(faultsOf({ ...rule, pattern: "(?:a{1,9}b?){1,9}" }), ["a repetition within a repetition"]);
  assert.deepEqual(faultsOf({ ...rule, pattern: "ab+" }), ["a match may be Infinity wide"]);
  assert.deepEqual(faultsOf({ ...rule, keywords: ["Ab"] }), ["keyword 'Ab'"]);
  assert.deepEqual(faultsOf({ ...rule, keywords: [], group: 3 }), ["no keyword", "no group 3"]);
});

test("each has an example, and each example a rule", () => {
  const examples = [
    ...Object.keys({ ...codeFormats, ...serviceFormats }),
    ...Object.keys(builders),
    ...Object.keys(namedFormats),
  ];
  assert.deepEqual(examples.toSorted(), ownRules.map(({ id }) => id).toSorted());
});

test("three examples of each: the one rule, the very place, and nothing else", () => {
  const seek = openRules(ownRules);
  const examples = positives(20_261_127, 3 * ownRules.length);
  assert.ok(examples.length >= 1_000);
  for (const { rule, text, from, to } of examples) {
    const hits = seek(text).map((hit) => [hit.rule, hit.from, hit.to]);
    assert.deepEqual(hits, [[rule, from, to]], `${rule} in ${JSON.stringify(text.slice(0, 300))}`);
  }
});

test("what a hit says: checked where a checksum or a structure was verified, generic where a name alone spoke", () => {
  const seek = openRules(ownRules);
  for (const { rule, text } of positives(5, ownRules.length)) {
    const known = ownRules.find(({ id }) => id === rule);
    const proven = known?.check !== undefined || known?.proof !== undefined;
    assert.equal(seek(text)[0]?.sure, proven ? "checked" : known?.sure, rule);
  }
});

test("a token that stands where a password does is told once, as the token it is", () => {
  const seek = openRules(ownRules);
  const token = positives(8, ownRules.length).find(({ rule }) => rule === "github-personal-token");
  assert.ok(token !== undefined);
  const text = `git clone https://me:${token.text.slice(token.from, token.to)}@git.example.org/a.git`;
  assert.deepEqual(
    seek(text).map(({ rule }) => rule),
    ["github-personal-token"],
  );
});

test("a checksum that is not in all of a kind makes the hit surer, and its lack no less of a hit", () => {
  const seek = openRules(ownRules);
  const proven = positives(6, ownRules.length).filter(
    ({ rule }) => ownRules.find(({ id }) => id === rule)?.proof !== undefined,
  );
  assert.ok(proven.length >= 2);
  for (const { rule, text, from, to } of proven) {
    const last = text[to - 9] === "A" ? "B" : "A";
    const other = `${text.slice(0, to - 9)}${last}${text.slice(to - 8)}`;
    assert.deepEqual(seek(other), [{ rule, from, to, sure: "format" }]);
  }
});

test("a thousand texts that look alike hold nothing", () => {
  const seek = openRules(ownRules);
  const texts = negatives(20_261_127, 1_200);
  assert.deepEqual(new Set(texts.map(({ kind }) => kind)), new Set(negativeKinds));
  for (const { kind, text } of texts)
    assert.deepEqual(seek(text), [], `${kind}: ${JSON.stringify(text.slice(0, 200))}`);
});

test("a token whose checksum fails is a guess at most, and only where a name calls it a secret", () => {
  const seek = openRules(ownRules);
  const broken = negatives(3, 400).filter(({ kind }) => kind === "wrong checksum");
  assert.ok(broken.length > 20);
  for (const { text } of broken)
    assert.ok(seek(text.replace("value: ", "my_secret: ")).every((hit) => hit.sure === "generic"));
});
