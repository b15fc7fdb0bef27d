import assert from "node:assert/strict";
import { test } from "node:test";
import { policyOf } from "./rehearsal.ts";

void test("of each kind the strictest word counts, and nobody's word is count", async () => {
  const { content } = await policyOf({
    organisation: { "personal-data": { default: "count", card: "redact" } },
    user: { "personal-data": { card: "off", mail: "off" } },
    repository: { "personal-data": { iban: "refuse", telephone: "off" } },
  });
  assert.deepEqual(
    Object.entries(content?.personal ?? {})
      .map(([kind, { action, rule }]) => `${kind}: ${action} by ${rule}`)
      .sort(),
    [
      "au-abn: count by organisation:personal-data.default",
      "au-medicare: count by organisation:personal-data.default",
      "au-tfn: count by organisation:personal-data.default",
      "card: redact by organisation:personal-data.card",
      "cn-resident: count by organisation:personal-data.default",
      "iban: refuse by repository:personal-data.iban",
      "mail: count by organisation:personal-data.default",
      "telephone: count by organisation:personal-data.default",
      "us-ssn: count by organisation:personal-data.default",
    ],
  );
  const own = await policyOf({ user: { "personal-data": { mail: "off" } } });
  assert.deepEqual(own.content?.personal, { mail: { action: "off", rule: "user:personal-data.mail" } });
  const loose = await policyOf({ repository: { "personal-data": { default: "off" } } });
  assert.equal(loose.content, undefined, "a repository makes nothing less");
});

void test("the least bits count, and one word to make it plain is enough", async () => {
  const { content } = await policyOf({
    user: { covert: { "max-bits": 64 } },
    repository: { covert: { "max-bits": 8, normalise: true } },
  });
  assert.deepEqual(content?.maxBits, { bits: 8, rule: "repository:covert.max-bits" });
  assert.deepEqual(content?.normalise, { rule: "repository:covert.normalise" });
  const open = await policyOf({ user: { covert: { "max-bits": 64, normalise: false } } });
  assert.deepEqual([open.content?.maxBits?.bits, open.content?.normalise], [64, undefined]);
});
