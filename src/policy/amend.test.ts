import assert from "node:assert/strict";
import { test } from "node:test";
import { allowHost } from "./amend.ts";
import { parsePolicy } from "./document.ts";

const amend = (text: string | undefined, host: string, options = {}) => {
  const amended = allowHost(text, host, "policy.yaml", options);
  assert.ok(amended.ok, JSON.stringify(amended));
  return amended;
};

void test("a grant is added, comments and the rest stay as they were", () => {
  const text = "# mine\nversion: 1 # format\nnetwork:\n  allow:\n    # first\n    - host: a.example\n\nmode: audit\n";
  assert.equal(
    amend(text, "b.example", { ports: [8443], why: "tests" }).text,
    text.replace("a.example\n", "a.example\n    - host: b.example\n      ports:\n        - 8443\n      why: tests\n"),
  );
});

for (const [name, text] of [
  ["no file", undefined],
  ["only a version", "version: 1\n"],
  ["an empty flow list", "version: 1\nnetwork: { allow: [] }\n"],
  ["a network without allow", "version: 1\nnetwork:\n  publish: [3000]\n"],
  ["a flow list", 'version: 1\nnetwork: { allow: [{ host: "*.a.example" }] }\n'],
] as const) {
  void test(`into ${name}`, () => {
    const parsed = parsePolicy(Buffer.from(amend(text, "b.example").text), "f");
    assert.ok(parsed.ok && parsed.policy.value.network?.allow?.some(({ host }) => host === "b.example"));
  });
}

void test("the same grant twice changes nothing; other options are another grant", () => {
  const once = amend("version: 1\n", "b.example", { ports: [443] });
  assert.deepEqual(amend(once.text, "b.example", { ports: [443], why: undefined }), {
    ok: true,
    text: once.text,
    changed: false,
  });
  assert.equal(amend(once.text, "b.example").changed, true);
});

void test("an invalid policy and an invalid host are told, not written", () => {
  assert.equal(allowHost("version: 1\nmodus: x\n", "b.example", "f").ok, false);
  const amended = allowHost("version: 1\n", "*.com", "f");
  assert.match(amended.ok ? "" : (amended.faults[0]?.message ?? ""), /no single owner/);
});
