// The words of a policy about git: what they become, and what is said of those that make no sense.

import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { home, ids, policyOf, read } from "./rehearsal.ts";

const told = async (user: object): Promise<string> => {
  const outcome = await read({ user });
  return outcome.ok ? "" : outcome.faults.map(({ message, hint }) => `${message}: ${hint}`).join("; ");
};
const place = { host: "git.example", header: "Authorization", scheme: "basic" };

test("a push rule and a Basic credential", async () => {
  const user = {
    network: { allow: [{ host: "git.example", push: "ask", "push-limit": "512MiB" }] },
    credentials: {
      one: { from: { file: "~/key" }, to: { ...place, user: "oauth2" } },
      two: { from: { file: "~/key" }, to: { ...place, host: "other.example" } },
    },
  };
  const policy = await policyOf({ user });
  assert.deepEqual([policy.network[0]?.push, policy.network[0]?.pushLimit, policy.unenforced], ["ask", 2 ** 29, []]);
  const [one, two] = policy.credentials;
  assert.deepEqual(
    [one?.to.basic, two?.to.basic, one?.to.header],
    [{ user: "oauth2" }, { user: undefined }, "authorization"],
  );
});

test("what makes no sense is told with what was meant", async () => {
  const from = { file: "~/key" };
  const allow = (entry: object) => told({ network: { allow: [{ host: "git.example", ...entry }] } });
  const to = (more: object) => told({ credentials: { a: { from, to: { ...place, ...more } } } });
  assert.match(await allow({ push: "maybe" }), /is no value of `network.allow\[0\].push`: one of allow, ask, refuse/);
  assert.match(await allow({ push: "ask", protocol: "tcp", ports: [22] }), /nobody can tell a push in it/);
  assert.match(await to({ header: "x-key" }), /scheme basic stands in the header authorization/);
  assert.match(await to({ scheme: undefined, user: "me" }), /user needs scheme: basic/);
  assert.match(await allow({ "push-limit": "many" }), /"many" is not a size: a number and MiB or GiB/);
  assert.match(await allow({ "push-limit": "3GiB" }), /is more than is held at once: 2GiB at most/);
  assert.match(await allow({ "push-limit": "1GiB", protocol: "ssh" }), /push-limit belongs to git over https/);
  for (const user of ["a:b", "a'b", "$(x)", "", "a\nb", "-x"]) assert.notEqual(await to({ user }), "", user);
});

test("ssh: git's own port, user and pushes asked about; a key from the policy's directory or home", async () => {
  const ssh = { host: "git.example", protocol: "ssh" };
  const policy = await policyOf({
    user: { network: { allow: [ssh, { ...ssh, ports: [2222], user: "me", key: "~/id" }] } },
  });
  const [plain, own] = policy.network;
  assert.deepEqual([plain?.ports, plain?.ssh, plain?.push], [[22], { user: "git", key: undefined }, undefined]);
  assert.deepEqual([own?.ports, own?.ssh], [[2222], { user: "me", key: join(home, "id") }]);
  assert.deepEqual(policy.unenforced, []);
});

test("ssh is beyond what a repository may ask for, and what an organisation may forbid", async () => {
  const network = { allow: [{ host: "git.example", protocol: "ssh" }] };
  const asked = await policyOf({ repository: { network } }, { trusted: () => true });
  assert.deepEqual([asked.network, ids(asked.voided)], [[], ["repository:network.allow[0].protocol"]]);
  const organisation = { limits: { credentials: ["env"] } };
  const bound = await policyOf({ organisation, user: { network } });
  assert.deepEqual([bound.network, ids(bound.voided)], [[], ["user:network.allow[0].protocol"]]);
  const open = await policyOf({ organisation: { limits: { credentials: ["env", "ssh"] } }, user: { network } });
  assert.equal(open.network.length, 1);
});

test("ssh: what makes no sense is told", async () => {
  const allow = (entry: object) => told({ network: { allow: [{ host: "git.example", protocol: "ssh", ...entry }] } });
  assert.match(await allow({ host: "*.git.example" }), /protocol ssh needs one host/);
  assert.match(await allow({ methods: ["GET"] }), /protocol ssh has no methods/);
  assert.match(await allow({ upstream: { address: "127.0.0.1:22" } }), /no upstream/);
  assert.match(await allow({ protocol: "http", user: "git" }), /user and key belong to protocol ssh/);
  for (const user of ["-oProxyCommand=x", "a b", "", "a@b"]) assert.notEqual(await allow({ user }), "", user);
});

test("signing: the user's key before the organisation's; a repository's never, nor where ssh's keys are forbidden", async () => {
  const user = { signing: { key: "~/id" } };
  const own = await policyOf({ user, organisation: { signing: { key: "/etc/id", use: "ask" } } });
  assert.deepEqual(own.signing, { rule: "user:signing", format: "ssh", key: join(home, "id"), use: "allow" });
  const asked = await policyOf({ repository: user }, { trusted: () => true });
  assert.deepEqual([asked.signing, ids(asked.voided)], [undefined, ["repository:signing"]]);
  const bound = await policyOf({ organisation: { limits: { credentials: ["env"] } }, user });
  assert.deepEqual([bound.signing, ids(bound.voided)], [undefined, ["user:signing"]]);
  const past = await policyOf({ user: { signing: { key: "~/id", until: "2020-01-01" } } });
  assert.equal(past.signing, undefined);
  assert.match(await told({ signing: { use: "ask" } }), /`signing.key` is missing/);
  assert.match(await told({ signing: { key: "~/id", use: "refuse" } }), /one of allow, ask/);
});

test("signing by gpg: a key's fingerprint, which is no path; an organisation forbids it apart from ssh", async () => {
  const print = "78d652f9a7bb7bf7e4e9a11f5eadbebb3614a024";
  for (const [format, key] of [
    ["openpgp", print],
    ["openpgp", `0x${print.toUpperCase()}`],
    ["openpgp", print.slice(24)],
    ["x509", print],
  ] as const) {
    const { signing } = await policyOf({ user: { signing: { format, key } } });
    assert.deepEqual([signing?.format, signing?.key], [format, key.replace("0x", "").toUpperCase()]);
  }
  for (const key of ["~/key", "jane@example.org", print.slice(32), `${print}!`, "--output", `0x${print} x`])
    assert.match(await told({ signing: { format: "openpgp", key } }), /is not a key's fingerprint/, key);
  const user = { signing: { format: "openpgp", key: print } };
  for (const [credentials, counts] of [
    [["env", "gpg"], true],
    [["env", "ssh"], false],
  ] as const) {
    const { signing } = await policyOf({ organisation: { limits: { credentials } }, user });
    assert.equal(signing !== undefined, counts, credentials.join());
  }
});
