import assert from "node:assert/strict";
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { Digest } from "../domain/brand.ts";
import { files, home, ids, policyOf, read, readAsIs, workspace } from "./rehearsal.ts";

void test("a ca is read beside its policy and must be a certificate", async () => {
  const grant = (ca: string) => ({
    network: { allow: [{ host: "a.example", upstream: { address: "127.0.0.1:8443", ca } }] },
  });
  writeFileSync(join(home, ".config/ca.pem"), readFileSync(new URL("../../vectors/policy/ca.pem", import.meta.url)));
  writeFileSync(join(home, ".config/bad.pem"), "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
  writeFileSync(join(home, ".config/none.pem"), "secret text");
  const policy = await policyOf({ user: grant("./ca.pem") });
  assert.match(
    policy.network[0]?.upstream?.ca ?? "",
    /^-----BEGIN CERTIFICATE-----\n[A-Za-z0-9+/=\n]*-----END CERTIFICATE-----\n$/,
  );
  for (const [name, words] of [
    ["bad.pem", "holds no certificate"],
    ["none.pem", "holds no certificate"],
    ["absent.pem", "is not there"],
  ] as const) {
    const outcome = await read({ user: grant(name) });
    assert.ok(!outcome.ok && outcome.faults[0]?.message.includes(words));
    assert.doesNotMatch(JSON.stringify(outcome), /secret text/);
  }
});

void test("a trusted repository whose ca changed is no longer what was trusted", async () => {
  const repository = {
    network: { allow: [{ host: "a.example", upstream: { address: "127.0.0.1:8443", ca: "ca.pem" } }] },
  };
  const first = readFileSync(new URL("../../vectors/policy/ca.pem", import.meta.url), "utf8");
  const second = readFileSync(new URL("../../vectors/policy/other-ca.pem", import.meta.url), "utf8");
  writeFileSync(join(workspace, "ca.pem"), first);
  const digest = (await policyOf({ repository })).untrusted[0]?.digest;
  const trusted = (asked: Digest) => asked === digest;
  assert.equal((await policyOf({ repository }, { trusted })).network.length, 1);
  writeFileSync(join(workspace, "ca.pem"), second);
  assert.equal((await policyOf({ repository }, { trusted })).network.length, 0);
});

void test("a grant counts to the end of its last day", async () => {
  const user = {
    network: { allow: [{ host: "a.example", until: "2026-06-01" }] },
    tools: { x: { status: "banned", until: "2026-06-01" } },
  };
  const at = async (now: string) => policyOf({ user }, { now: new Date(now) });
  assert.equal((await at("2026-06-01T23:59:59Z")).network.length, 1);
  const over = await at("2026-06-02T00:00:00Z");
  assert.deepEqual([over.network, over.tools], [[], {}]);
  assert.deepEqual(ids(over.voided), ["user:network.allow[0].until", "user:tools.x.until"]);
});

void test("no grant opens Postern's own files, not by a link either", async () => {
  const guarded = [join(home, ".state")];
  mkdirSync(join(home, ".state"), { recursive: true });
  symlinkSync(home, join(workspace, "way"));
  const policy = await policyOf(
    { user: { files: { write: [".", "~", "~/.state/x"], read: ["way", "~/.gitconfig"] } } },
    { guarded },
  );
  assert.deepEqual([policy.files.write, policy.files.read], [[workspace], [join(home, ".gitconfig")]]);
  assert.deepEqual((await policyOf({}, { guarded, workspace: home })).files.write, []);
});

void test("nor where they lie by a link that a grant would open, nor the place of such a link", async () => {
  const [dotfiles, elsewhere, own] = ["dotfiles", "elsewhere", ".own"].map((name) => join(home, name));
  for (const path of [dotfiles, elsewhere, own]) mkdirSync(path ?? "");
  writeFileSync(join(home, "elsewhere/policy.yaml"), "version: 1\n");
  symlinkSync("../elsewhere/policy.yaml", join(home, "dotfiles/link.yaml"));
  symlinkSync("../dotfiles/link.yaml", join(home, ".own/policy.yaml"));
  const guarded = [join(home, ".own/policy.yaml"), join(home, "dotfiles/link.yaml")];
  const write = ["~/dotfiles", "~/elsewhere", "~/.own", "~/other"];
  const policy = await policyOf({ user: { files: { write } } }, { guarded });
  assert.deepEqual(policy.files.write, [join(home, "other")]);
});

void test("the user's credential comes before the organisation's, both before the profile's; a repository's command never", async () => {
  const anthropic = (variable: string) => ({
    credentials: { anthropic: { from: { env: variable }, to: { host: "api.anthropic.com", header: "X-Api-Key" } } },
  });
  const policy = await policyOf(
    { organisation: anthropic("ORG"), user: anthropic("MINE") },
    { profile: "claude-code" },
  );
  assert.deepEqual(
    policy.credentials.map(({ rule, as, shape, to }) => [rule, as, shape, to.header]),
    [["user:credentials.anthropic", "MINE", "sk-ant-api03-", "x-api-key"]],
  );
  const repository = { credentials: { a: { from: { command: ["./key"] }, to: { host: "a.example", header: "x-a" } } } };
  const asked = await policyOf({ repository }, { trusted: () => true });
  assert.deepEqual([asked.credentials, ids(asked.voided)], [[], ["repository:credentials.a.from.command"]]);
});

void test("what is not enforced yet is listed at its place, in every layer", async () => {
  const whole = readFileSync(new URL("../../vectors/policy/whole.yaml", import.meta.url), "utf8");
  writeFileSync(join(home, "ca.pem"), readFileSync(new URL("../../vectors/policy/ca.pem", import.meta.url)));
  writeFileSync(join(home, "whole.yaml"), whole);
  const policy = await policyOf(
    { repository: { tools: { pi: { status: "allowed", attest: "pinned" } } } },
    { override: join(home, "whole.yaml"), edits: "staged" },
  );
  assert.deepEqual(
    policy.unenforced.map(({ key }) => key),
    [
      "inference",
      "rules",
      "tools.claude-code.versions",
      "tools.claude-code.attest",
      "tools.claude-code.cooldown",
      "retention",
      "mcp",
      "questions",
      "witnesses",
      "exporters",
      "tools.pi.attest",
    ],
  );
  const line = whole.split("\n").findIndex((text) => text.startsWith("retention:")) + 1;
  assert.equal(policy.unenforced.find(({ key }) => key === "retention")?.line, line);
});

void test("the digest is the effective policy's: it changes with a grant, not with a comment", async () => {
  const digest = async (text: string) => {
    writeFileSync(files.user, text);
    const outcome = await readAsIs({ organisation: undefined, repository: undefined });
    return outcome.ok ? outcome.policy.sha256 : undefined;
  };
  assert.equal(await digest("version: 1\n"), await digest("# a comment\nversion: 1\n"));
  assert.notEqual(await digest("version: 1\n"), await digest("version: 1\nmode: audit\n"));
});

void test("toolchains of every layer that grants, once; where the organisation bounds what is read, those it names itself", async () => {
  const user = { files: { toolchains: ["rust", "node", "rust"] } };
  const free = await policyOf({ user, organisation: { files: { toolchains: ["go"] } } });
  assert.deepEqual(free.files.toolchains, ["go", "rust", "node"]);
  assert.equal(free.files.rules["toolchains:rust"], "user:files.toolchains[0]");
  const limits = { files: { read: ["~/.gitconfig"] } };
  const bound = await policyOf({ user, organisation: { limits, files: { toolchains: ["node"] } } });
  assert.deepEqual(bound.files.toolchains, ["node"]);
  assert.deepEqual(ids(bound.voided), ["user:files.toolchains[0]", "user:files.toolchains[2]"]);
  const asked = await policyOf({ repository: user });
  assert.deepEqual([asked.files.toolchains, asked.requested.length], [[], 3]);
});

void test("commands of every layer count, an untrusted repository's too, and none takes another's back", async () => {
  const policy = await policyOf({
    organisation: { commands: { deny: [["ssh"]] } },
    user: {
      commands: {
        ask: [
          ["git", "push"],
          ["npm", "publish"],
        ],
      },
    },
    repository: { commands: { ask: [["ssh"]], deny: [["/usr/bin/nc"]] } },
  });
  const told = (kind: "ask" | "deny") => policy.commands[kind].map(({ rule, prefix }) => `${rule} ${prefix.join(" ")}`);
  assert.deepEqual(told("deny"), ["organisation:commands.deny[0] ssh", "repository:commands.deny[0] /usr/bin/nc"]);
  assert.deepEqual(told("ask"), [
    "user:commands.ask[0] git push",
    "user:commands.ask[1] npm publish",
    "repository:commands.ask[0] ssh",
  ]);
  assert.deepEqual([policy.unenforced, policy.requested], [[], []]);
  assert.equal(policy.origins["user:commands.ask[1]"]?.file, files.user);
});

void test("a prefix begins with a program's name or whole path, and is never longer than what is always read", async () => {
  const faults = async (...prefix: string[]) => {
    const outcome = await read({ user: { commands: { deny: [prefix] } } });
    return outcome.ok ? [] : outcome.faults.map(({ message }) => message);
  };
  for (const prefix of [["git"], ["/usr/bin/git", "push"], ["x".repeat(1_024), "a b"]])
    assert.deepEqual(await faults(...prefix), []);
  for (const program of ["./run", "bin/run", "/usr/bin/"])
    assert.match((await faults(program))[0] ?? "", /neither a program's name/);
  assert.match((await faults("git", "")).join(), /is empty/);
  assert.match((await faults()).join(), /./);
  assert.match((await faults(...Array.from({ length: 10 }, () => "x".repeat(1_000)))).join(), /longer than 8192 bytes/);
});
