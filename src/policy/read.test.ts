import assert from "node:assert/strict";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { stringify } from "yaml";
import type { Digest } from "../domain/brand.ts";
import type { PolicySources } from "./read.ts";
import {
  allow,
  files,
  home,
  hostsOf,
  ids,
  type Layers,
  policyOf,
  read,
  readAsIs,
  root,
  workspace,
} from "./rehearsal.ts";

void test("no file at all: enforce, full, live, the workspace and nothing else", async () => {
  const policy = await policyOf({});
  assert.deepEqual(
    [policy.mode, policy.require, policy.acceptGrades, policy.edits],
    ["enforce", "full", ["full"], "live"],
  );
  assert.deepEqual(
    [policy.files.write, policy.files.read, policy.network, policy.credentials],
    [[workspace], [], [], []],
  );
  assert.deepEqual(policy.unenforced, []);
});

void test("a recognised tool gets its inference hosts and its own credentials, nothing more", async () => {
  const policy = await policyOf({}, { profile: "claude-code" });
  assert.deepEqual(hostsOf(policy), [
    "profile:claude-code.hosts[0] api.anthropic.com",
    "profile:claude-code.hosts[1] api.anthropic.com",
    "profile:claude-code.hosts[2] platform.claude.com",
  ]);
  assert.deepEqual(
    policy.network.map(({ methods, paths }) => [methods?.join(), paths?.join()]),
    [
      ["POST", "/v1/messages,/v1/messages/count_tokens"],
      ["GET,HEAD", "/api/hello"],
      ["GET,HEAD", "/v1/oauth/hello"],
    ],
  );
  assert.deepEqual(
    policy.credentials.map(({ rule, as, optional }) => [rule, as, optional]),
    [["profile:claude-code.credentials.anthropic", "ANTHROPIC_API_KEY", true]],
  );
  assert.ok(policy.purposes.some(({ purpose }) => purpose === "telemetry"));
});

void test("an empty allow list grants nothing", async () => {
  assert.deepEqual((await policyOf({ user: { network: { allow: [] } } })).network, []);
});

void test("ids count by layer and place; the organisation's come first", async () => {
  const policy = await policyOf({ organisation: allow("a.example"), user: allow("b.example", "*.c.example") });
  assert.deepEqual(hostsOf(policy), [
    "organisation:network.allow[0] a.example",
    "user:network.allow[0] b.example",
    "user:network.allow[1] *.c.example",
  ]);
  assert.equal(policy.origins["user:network.allow[1]"]?.line, 5);
  assert.equal(policy.origins["user:network.allow[1]"]?.file, files.user);
});

void test("one's own words about a host replace the profile's", async () => {
  const policy = await policyOf(
    { user: { network: { allow: [{ host: "api.anthropic.com", methods: ["GET"] }] } } },
    { profile: "claude-code" },
  );
  assert.deepEqual(hostsOf(policy), [
    "user:network.allow[0] api.anthropic.com",
    "profile:claude-code.hosts[2] platform.claude.com",
  ]);
});

void test("a repository's request counts only where that very digest is trusted", async () => {
  const repository = {
    extends: ["codex"],
    ...allow("x.example"),
    files: { read: ["~/.aws"], write: [".", "../other"] },
    credentials: { a: { from: { env: "A" }, to: { host: "a.example", header: "x-a" } } },
  };
  const before = await policyOf({ repository });
  assert.deepEqual(
    [before.network, before.credentials, before.files.read, before.files.write],
    [[], [], [], [workspace]],
  );
  assert.deepEqual(ids(before.requested).sort(), [
    "repository:credentials.a",
    "repository:extends[0]",
    "repository:files.read[0]",
    "repository:files.write[1]",
    "repository:network.allow[0]",
  ]);
  assert.equal(before.untrusted.length, 1);
  const trusted = (digest: Digest) => digest === before.untrusted[0]?.digest;
  const granted = await policyOf({ repository }, { trusted });
  assert.deepEqual(granted.requested, []);
  assert.equal(granted.network[0]?.id, "repository:network.allow[0]");
  assert.deepEqual(granted.files.read, [join(home, ".aws")]);
  const changed = await policyOf({ repository: { ...repository, ...allow("y.example") } }, { trusted });
  assert.deepEqual(changed.network, []);
});

void test("a trusted repository still goes nowhere beyond the organisation's limits", async () => {
  const organisation = {
    limits: { hosts: ["*.example.org"], credentials: ["env"], files: { read: ["~/.gitconfig"], write: ["."] } },
  };
  const credentials = {
    a: { from: { file: "~/a" }, to: { host: "a.example.org", header: "x-a" } },
    b: { from: { env: "B" }, to: { host: "b.example.net", header: "x-b" } },
  };
  const layer = {
    ...allow("a.example.org", "a.example.net"),
    credentials,
    files: { read: ["~/.gitconfig", "~/.aws"], write: ["."] },
  };
  for (const kind of ["repository", "user"] as const) {
    const policy = await policyOf({ organisation, [kind]: layer }, { trusted: () => true });
    assert.deepEqual(hostsOf(policy), [`${kind}:network.allow[0] a.example.org`]);
    assert.deepEqual([policy.credentials, policy.files.read], [[], [join(home, ".gitconfig")]]);
    assert.deepEqual(ids(policy.voided).sort(), [
      `${kind}:credentials.a`,
      `${kind}:credentials.b`,
      `${kind}:files.read[1]`,
      `${kind}:network.allow[1].host`,
    ]);
  }
});

void test("an upstream is within the limits too, and so is a profile, and a proxy", async () => {
  const organisation = { limits: { hosts: ["a.example.org"] } };
  const user = {
    network: { allow: [{ host: "a.example.org", upstream: { address: "evil.example:443" } }] },
    proxy: { url: "http://evil.example:3128" },
  };
  const policy = await policyOf({ organisation, user }, { profile: "claude-code" });
  assert.deepEqual([policy.network, policy.proxy, policy.credentials], [[], undefined, []]);
  assert.equal(policy.voided.length, 3);
});

void test("limits that name no host at all leave none", async () => {
  assert.deepEqual(
    (await policyOf({ organisation: { limits: { hosts: [] } }, user: allow("a.example") }, { profile: "pi" })).network,
    [],
  );
});

void test("the judge is told of the limit, for what passes in audit without a grant", async () => {
  const limited = await policyOf({ organisation: { limits: { hosts: ["*.example.org"] } }, user: { mode: "audit" } });
  assert.deepEqual([limited.mode, limited.widest], ["audit", [{ kind: "suffix", suffix: ".example.org" }]]);
  assert.deepEqual((await policyOf({ organisation: { limits: { hosts: [] } } })).widest, []);
  assert.equal("widest" in (await policyOf({ organisation: { limits: {} } })), false);
});

void test("only the organisation's file may hold limits", async () => {
  for (const kind of ["user", "repository"] as const) {
    const outcome = await read({ [kind]: { limits: {} } });
    assert.equal(outcome.ok ? "" : outcome.faults[0]?.message, "only the organisation's policy may hold limits");
  }
});

void test("mode and edits: flag, user, organisation; a repository and the limits only make them stricter", async () => {
  const modeOf = async (layers: Layers, sources: Partial<PolicySources> = {}) => (await policyOf(layers, sources)).mode;
  assert.equal(await modeOf({ user: { mode: "audit" } }), "audit");
  assert.equal(await modeOf({ organisation: { mode: "audit" } }), "audit");
  assert.equal(await modeOf({ organisation: { mode: "audit" }, user: { mode: "enforce" } }), "enforce");
  assert.equal(await modeOf({ user: { mode: "audit" } }, { mode: "enforce" }), "enforce");
  assert.equal(await modeOf({}, { mode: "audit" }), "audit");
  assert.equal(await modeOf({ repository: { mode: "audit" } }, { trusted: () => true }), "enforce");
  assert.equal(await modeOf({ user: { mode: "audit" }, repository: { mode: "enforce" } }), "enforce");
  assert.equal(await modeOf({ repository: { mode: "enforce" } }, { mode: "audit" }), "enforce");
  assert.equal(
    await modeOf({ organisation: { limits: { mode: "enforce" } }, user: { mode: "audit" } }, { mode: "audit" }),
    "enforce",
  );
  assert.equal((await policyOf({ repository: { edits: "staged" } })).edits, "staged");
  assert.equal((await policyOf({ organisation: { limits: { edits: "staged" } } })).edits, "staged");
  const voided = await policyOf({ organisation: { limits: { mode: "enforce" } } }, { mode: "audit" });
  assert.deepEqual(ids(voided.voided), ["command:mode"]);
});

void test("less than full counts only where the organisation accepts it", async () => {
  const user = await policyOf({ user: { require: "record-only" } });
  assert.deepEqual([user.require, user.acceptGrades, ids(user.voided)], ["full", ["full"], ["user:require"]]);
  const accepted = await policyOf({
    organisation: { limits: { "accept-grades": ["full", "outer"] } },
    user: { require: "outer" },
  });
  assert.deepEqual([accepted.require, accepted.acceptGrades], ["outer", ["full", "outer"]]);
  const own = await policyOf({ organisation: { require: "partial" } });
  assert.deepEqual(own.acceptGrades, ["full", "outer", "partial"]);
  const stricter = await policyOf({ organisation: { require: "partial" }, repository: { require: "full" } });
  assert.deepEqual([stricter.require, stricter.acceptGrades], ["full", ["full"]]);
  assert.deepEqual((await policyOf({ repository: { require: "outer" } }, { trusted: () => true })).acceptGrades, [
    "full",
  ]);
});

void test("--policy replaces the user's layer, unless it stands in the workspace: then it is the repository's", async () => {
  const outside = join(root, "other.yaml");
  const inside = join(workspace, "other.yaml");
  const linked = join(workspace, "link.yaml");
  const pointing = join(root, "pointing.yaml");
  for (const path of [outside, inside]) writeFileSync(path, stringify({ version: 1, ...allow("o.example") }));
  symlinkSync(outside, linked);
  symlinkSync(inside, pointing);
  const user = allow("u.example");
  assert.deepEqual(hostsOf(await policyOf({ user }, { override: outside })), ["user:network.allow[0] o.example"]);
  for (const override of [inside, linked, pointing]) {
    const policy = await policyOf({ user }, { override });
    assert.deepEqual(hostsOf(policy), ["user:network.allow[0] u.example"], override);
    assert.deepEqual(ids(policy.requested), ["repository-file:network.allow[0]"]);
  }
  const missing = await read({}, { override: join(root, "none.yaml") });
  assert.equal(missing.ok ? "" : missing.faults[0]?.message, "there is no such policy");
  const own = await policyOf({ repository: allow("r.example") }, { override: files.repository });
  assert.deepEqual(
    own.layers.map(({ kind }) => kind),
    ["repository"],
  );
});

void test("a user's policy inside the workspace is the repository's", async () => {
  const policy = await policyOf({ user: allow("u.example") }, { workspace: home, repository: undefined });
  assert.deepEqual([policy.network, ids(policy.requested)], [[], ["repository-user:network.allow[0]"]]);
});

void test("unreadable, unbounded and indirect files are faults, never absence", async () => {
  const cases: [string, () => void][] = [
    ["is not a regular file", () => mkdirSync(files.user)],
    ["is a link to nothing", () => symlinkSync(join(root, "nowhere"), files.user)],
    ["is not a regular file", () => symlinkSync("/dev/zero", files.user)],
    ["is larger than", () => writeFileSync(files.user, "#".repeat(300_000))],
  ];
  if (process.getuid?.() !== 0) cases.push(["may not be read", () => writeFileSync(files.user, "", { mode: 0 })]);
  for (const [words, make] of cases) {
    await read({});
    make();
    const outcome = await readAsIs();
    assert.ok(!outcome.ok && outcome.faults[0]?.message.includes(words), `${words}: ${JSON.stringify(outcome)}`);
  }
});

void test("the faults of all files are told together", async () => {
  const outcome = await read({
    organisation: { mode: "x" },
    user: { modus: 1, edits: "y" },
    repository: { extends: ["nobody"] },
  });
  assert.equal(outcome.ok ? 0 : outcome.faults.length, 4);
});
