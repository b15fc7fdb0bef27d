// Rules of one's own, in every form, through the gateway and the inspector's thread as a session joins them: what they mean is taken out, and
// none of them can stall a session, whatever text they are tried on. Work is counted; no clock is asked.

import assert from "node:assert/strict";
import { test } from "node:test";
import { formOf, type RulesText } from "../src/inspection/rules/file.ts";
import { stand } from "./holes/stand.ts";

const ask = (content: string): string =>
  JSON.stringify({ model: "m", max_tokens: 1, messages: [{ role: "user", content }] });

const texts = {
  "acme.yaml": "rules:\n  - id: acme-token\n    pattern: acme_([0-9a-f]{32})\n    keywords: [acme_]\n",
  "acme.toml": '[[rules]]\nid = "acme-token"\npattern = "acme_([0-9a-f]{32})"\n',
  "gitleaks.toml": `[[rules]]\nid = "acme-token"\ndescription = "ACME"\nregex = '''acme_([0-9a-f]{32})'''\nkeywords = ["acme_"]\n`,
};
const secret = "0123456789abcdef0f1e2d3c4b5a6978";

for (const [name, text] of Object.entries(texts))
  test(`${name}: what the rule means is taken out, and nothing beside it`, async () => {
    const body = ask(`the token is acme_${secret}, and acme_short is none`);
    await using plain = await stand();
    assert.equal((await plain.send(body)).status, 200);
    assert.equal(String(plain.heard[0]?.body), body, "nobody knows this format by himself");
    await using it = await stand({ more: [{ form: formOf(name, text), text }] });
    assert.equal((await it.send(body)).status, 200);
    assert.match(
      String(it.heard[0]?.body),
      /"content":"the token is acme_PSTN_ACME_TOKEN_[A-Z2-7]{16}, and acme_short is none"/,
    );
    const [entry] = await it.entries("request");
    assert.deepEqual(
      [entry?.verdict, entry?.rule, entry?.counts?.["findings-secret"]],
      ["redact", "built-in:secrets", 1],
    );
  });

/** Patterns by which an engine that tries one way after another never ends, and such as match everywhere. */
const catastrophic = [
  "(a+)+$",
  "(a|aa)+b",
  "(a*)*~",
  "([a-zA-Z]+)*\\\\d~",
  "(.*)=(.*)=(.*)=(.*)=x",
  "a{1,500}b{1,500}~",
  "(?:a?){400}a{400}",
  "[a-z]+[a-z]+[a-z]+[a-z]+0",
];
const rules = (patterns: readonly string[]): RulesText => ({
  form: "yaml",
  text: `rules:\n${patterns.map((pattern, at) => `  - { id: r${at}, pattern: "${pattern}" }\n`).join("")}`,
});
const units = 1 << 16;
const bodies = {
  "one letter": "a".repeat(units),
  "letters and signs": "aA=".repeat(units / 3),
  "beginnings without an end": `${"a".repeat(500)}${"b".repeat(500)} `.repeat(units / 1_001),
};

for (const [name, text] of Object.entries(bodies))
  test(`catastrophic patterns on ${name}: a clear verdict, bounded work, and the next request passes`, async () => {
    await using it = await stand({ more: [rules(catastrophic)], inspecting: { time: 600_000, memory: 768 } });
    const { status } = await it.send(ask(text));
    const [from, scanned] = [it.heard.length, it.spent()?.scanned ?? 0];
    // each rule reads all of it at most so often, whatever it matches
    assert.ok(scanned > 0 && scanned <= 40 * catastrophic.length * text.length, `${scanned} for ${text.length}`);
    assert.ok(status === 200 || status === 403, String(status));
    const small = ask("hello there");
    assert.equal((await it.send(small)).status, 200);
    assert.equal(String(it.heard.at(from)?.body), small);
    const [entry] = it.stage.entries.filter(({ kind }) => kind === "request" || kind === "refusal");
    const { reason = "" } = (entry?.sealed ?? {}) as { reason?: string };
    assert.doesNotMatch(reason, /took longer|ended/);
    if (status === 403) assert.equal(entry?.rule, "built-in:secrets");
  });

test("a rule that gave up before the end of a text: nothing leaves, though it had found nothing", async () => {
  const few: RulesText = { form: "yaml", text: 'rules:\n  - { id: dull, pattern: "x[0-9]", entropy: 8 }\n' };
  await using it = await stand({ more: [few] });
  assert.equal((await it.send(ask("x1 ".repeat(900)))).status, 200);
  assert.equal((await it.send(ask("x1 ".repeat(1_100)))).status, 403);
  assert.equal(it.heard.length, 1);
  const [entry] = await it.entries("refusal");
  assert.match(((entry?.sealed ?? {}) as { reason?: string }).reason ?? "", /more of them than were looked for/);
});

test("found by what stood beside it, a value is known from then on: alone, in base64, in a header", async () => {
  const text = 'rules:\n  - { id: acme-key, pattern: "acme key: ([a-z0-9]{20})" }\n';
  await using it = await stand({ more: [{ form: "yaml", text }] });
  const value = "q7w8e9r0t1y2u3i4o5p6";
  assert.equal((await it.send(ask(`say ${value}`))).status, 200);
  assert.ok(String(it.heard[0]?.body).includes(value), "nobody knows it yet");
  assert.equal((await it.send(ask(`the acme key: ${value}`))).status, 200);
  for (const said of [value, Buffer.from(`it is ${value}`).toString("base64"), encodeURIComponent(value)])
    assert.equal((await it.send(ask(`and ${said} again`))).status, 200);
  assert.equal((await it.send(ask("hello"), { headers: `X-Debug: ${value}\r\n` })).status, 403);
  assert.equal(it.heard.length, 5);
  for (const { body } of it.heard.slice(1)) {
    assert.ok(!String(body).includes(value));
    assert.match(String(body), /PSTN_ACME_KEY_/);
  }
});
