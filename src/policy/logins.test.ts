// A tool's own login in a policy: what it brings, who may ask for it, and what is said about one that is written wrongly.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ids, policyOf, read } from "./rehearsal.ts";

const claude = { from: { login: "claude-code" } };
const hosts = (policy: Awaited<ReturnType<typeof policyOf>>) =>
  policy.network.map(({ host, purpose }) => [host.kind === "exact" ? host.name : "", purpose].join(" "));

void test("a login is made inside unless the host's is named, and brings the network it needs and no more", async () => {
  const policy = await policyOf({ user: { credentials: { me: claude } } });
  const [login] = policy.logins;
  assert.deepEqual(
    [login?.id, login?.rule, login?.of, login?.tool],
    ["me", "user:credentials.me", "inside", "claude-code"],
  );
  assert.deepEqual(hosts(policy), [
    "platform.claude.com login",
    "api.anthropic.com inference",
    "api.anthropic.com login",
  ]);
  assert.ok(policy.network.every(({ id, ports }) => id === "user:credentials.me" && ports.join() === "443"));
  assert.deepEqual([policy.credentials, policy.unenforced], [[], []]);
  const host = await policyOf({ user: { credentials: { me: { from: { login: "codex", of: "host" } } } } });
  assert.equal(host.logins[0]?.of, "host");
});

void test("a host the user speaks of is left to those words", async () => {
  const user = {
    network: { allow: [{ host: "platform.claude.com", paths: ["/v1/oauth/token"], methods: ["POST"] }] },
    credentials: { me: claude },
  };
  const granted = (await policyOf({ user })).network.filter(
    ({ host }) => host.kind === "exact" && host.name === "platform.claude.com",
  );
  assert.deepEqual(ids(granted), ["user:network.allow[0]"]);
});

void test("no repository has a login, trusted or not", async () => {
  const repository = { credentials: { me: { from: { login: "claude-code", of: "host" } } } };
  const untrusted = await policyOf({ repository });
  assert.deepEqual([untrusted.logins, ids(untrusted.requested)], [[], ["repository:credentials.me"]]);
  const trusted = await policyOf({ repository }, { trusted: () => true });
  assert.deepEqual([trusted.logins, trusted.network], [[], []]);
  assert.deepEqual(ids(trusted.voided), ["repository:credentials.me.from.login"]);
});

void test("one login of each tool; none past its day; none beyond the organisation's limits", async () => {
  const twice = await policyOf({
    user: { credentials: { a: claude, b: { from: { login: "claude-code", of: "host" } } } },
  });
  assert.deepEqual([ids(twice.logins), ids(twice.voided)], [["a"], ["user:credentials.b"]]);
  const past = await policyOf({ user: { credentials: { a: { ...claude, until: "2020-01-01" } } } });
  assert.deepEqual([past.logins, past.network, ids(past.voided)], [[], [], ["user:credentials.a.until"]]);
  for (const limits of [{ credentials: ["env"] }, { hosts: ["api.anthropic.com"] }]) {
    const limited = await policyOf({ organisation: { limits }, user: { credentials: { a: claude } } });
    assert.deepEqual([limited.logins, limited.network, ids(limited.voided)], [[], [], ["user:credentials.a"]]);
  }
});

const wrong: readonly [string, object, RegExp][] = [
  [
    "no such tool",
    { from: { login: "clod" } },
    /"clod" names no tool whose login is known.*one of claude-code, codex/s,
  ],
  ["host in its place", { from: { login: "host" } }, /write it as \{ login: claude-code, of: host \}/],
  ["somebody else's", { from: { login: "codex", of: "both" } }, /of/],
  ["of what", { from: { env: "A", of: "host" }, to: { host: "a.example", header: "x" } }, /there is no login here/],
  [
    "a place of its own",
    { ...claude, to: { host: "a.example", header: "x" } },
    /has its places from the tool's profile/,
  ],
  ["a variable", { ...claude, as: "TOKEN" }, /a login has no variable/],
  ["two sources", { from: { login: "codex", env: "A" } }, /comes from exactly one place/],
  ["no place for a key", { from: { env: "A" } }, /`to` is missing/],
];
for (const [title, entry, words] of wrong)
  void test(`taught: ${title}`, async () => {
    const outcome = await read({ user: { credentials: { me: entry } } });
    assert.ok(!outcome.ok);
    assert.match(JSON.stringify(outcome.faults).replaceAll("\\n", "\n").replaceAll('\\"', '"'), words);
  });
