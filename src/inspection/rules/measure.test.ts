// Ours and gitleaks' rules on the same text: what is published with the conformance lane, here on a few hundred examples.

import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { measure } from "./examples/measure.ts";
import { negatives } from "./examples/negatives.ts";
import { positives } from "./examples/positives.ts";
import { readGitleaks } from "./gitleaks.ts";
import { ownRules } from "./own.ts";
import { openRules } from "./seek.ts";

const path = ["../../../../shared/data/gitleaks.toml"]
  .map((place) => new URL(place, import.meta.url).pathname)
  .find((candidate) => existsSync(candidate));
const skip = path === undefined ? "NEEDS ../shared/data/gitleaks.toml: gitleaks' published rules are not there" : false;

const good = positives(1, 400);
const bad = negatives(1, 400);

test("ours: every example found, no text that looks alike", () => {
  const score = measure(openRules(ownRules), good, bad);
  assert.deepEqual(score.missed, {});
  assert.deepEqual(score.mistaken, {});
  assert.deepEqual([score.recall, score.precision, score.positives >= 400, score.negatives], [1, 1, true, 400]);
});

test("beside gitleaks' on the same text", { skip }, () => {
  const theirs = measure(openRules([], readGitleaks(readFileSync(path ?? "", "utf8")).rules), good, bad);
  // that a set of rules which finds part of them scores so: neither nothing nor all
  assert.ok(theirs.recall > 0.3 && theirs.recall < 0.9, `${theirs.recall}`);
  assert.ok(theirs.precision > 0.7 && theirs.precision < 1, `${theirs.precision}`);
});

test("no rules find nothing; half a secret is found, less is not", () => {
  assert.deepEqual(
    [measure(openRules([]), good, bad)].map(({ recall, precision, wrong }) => [recall, precision, wrong]),
    [[0, 1, 0]],
  );
  const text = "0123456789";
  const one = { rule: "r", text, from: 0, to: 10 };
  const hit = (to: number) => () => [{ rule: "r", from: 0, to, sure: "format" as const }];
  assert.equal(measure(hit(5), [one], []).found, 1);
  assert.equal(measure(hit(4), [one], []).found, 0);
  assert.deepEqual(measure(hit(4), [one], []).missed, { r: 1 });
  assert.deepEqual(measure(hit(5), [], [{ kind: "k", text }]).mistaken, { "k: r": 1 });
});
