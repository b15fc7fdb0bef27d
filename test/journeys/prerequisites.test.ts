// Invariant 8: what a boundary needs is missing: exit 125, one message with the remedy, and the tool never ran. Needs user namespaces
// and `unshare`: what is missing is faked in namespaces of each test's own.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, chownSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { intents, openStage, parseLines, postern, type Stage, vendorHost } from "./fault-stage.ts";

const possible = spawnSync("unshare", ["-Urm", "true"]).status === 0;
const skip = possible ? false : "no user namespaces here: nothing can be faked";
const root = process.getuid?.() === 0;

interface Missing {
  readonly what: string;
  /** Shell commands in the namespaces of the test's own. */
  readonly within?: (stage: Stage) => string;
  readonly environment?: (stage: Stage) => Record<string, string>;
  readonly words?: (stage: Stage) => readonly string[];
  readonly says: RegExp;
  readonly hint: RegExp;
}

const tiny = (size: string) => (stage: Stage) =>
  `mount -t tmpfs -o size=${size},mode=700 none ${stage.state}; head -c 100m /dev/zero >${stage.state}/fill 2>/dev/null || true`;
/** Readable by nobody here: as root by another user's file, in a namespace that does not know that user. */
function closed(stage: Stage): string {
  const file = join(stage.base, "closed.yaml");
  writeFileSync(file, "version: 1\n");
  if (root) chownSync(file, 4242, 4242);
  chmodSync(file, root ? 0o600 : 0);
  return file;
}

const cases: readonly Missing[] = [
  {
    what: "no bubblewrap",
    within: () => "for p in /usr/bin/bwrap /bin/bwrap; do test -e $p && mount --bind /dev/null $p; done",
    says: /^postern: the boundary cannot be built: bwrap not found/,
    hint: /^postern: hint: sudo apt-get install -y bubblewrap$/,
  },
  {
    what: "no nft and no ip",
    within: () =>
      "for p in nft ip; do for d in /usr/sbin /sbin /usr/bin /bin; do test -x $d/$p && mount --bind /dev/null $d/$p; done; done; true",
    says: /^postern: the boundary cannot be built: ip, nft not found/,
    hint: /^postern: hint: sudo apt-get install -y iproute2 nftables$/,
  },
  {
    what: "user namespaces forbidden",
    within: () => "echo 0 >/proc/sys/user/max_user_namespaces",
    says: /^postern: user namespaces cannot be made here: /,
    hint: /^postern: hint: (?:on the host of this container: )?sudo sysctl -w user\.max_user_namespaces=15000$/,
  },
  {
    what: "network namespaces forbidden",
    within: () => "echo 0 >/proc/sys/user/max_net_namespaces",
    says: /^postern: user namespaces cannot be made here: /,
    hint: /^postern: hint: (?:on the host of this container: )?sudo sysctl -w user\.max_net_namespaces=15000$/,
  },
  {
    what: "an unreadable policy",
    ...(root ? { within: () => "true" } : {}),
    words: (stage) => ["--policy", closed(stage)],
    says: /^postern: .*closed\.yaml:1:1: the policy may not be read by this user$/,
    hint: /^postern: hint: mend the file, or name another with --policy$/,
  },
  {
    what: "a policy that is a directory",
    words: (stage) => ["--policy", stage.base],
    says: /the policy is not a regular file$/,
    hint: /^postern: hint: mend the file/,
  },
  {
    what: "a policy that is not there",
    words: (stage) => ["--policy", join(stage.base, "none.yaml")],
    says: /none\.yaml:1:1: there is no such policy$/,
    hint: /^postern: hint: mend the file/,
  },
  {
    what: "an unwritable state directory",
    within: ({ state }) => `mount --bind ${state} ${state}; mount -o remount,bind,ro ${state}`,
    says: /^postern: the state directory .* cannot be written$/,
    hint: /^postern: hint: make it writable for you, or point POSTERN_HOME at a directory that is$/,
  },
  {
    what: "a state directory that is a file",
    environment: ({ policy }) => ({ POSTERN_HOME: policy }),
    says: /^postern: the state directory .* cannot be written$/,
    hint: /^postern: hint: make it writable for you/,
  },
  {
    what: "a state directory others can read",
    within: ({ state }) => `chmod 755 ${state}`,
    says: /^postern: the state directory .* can be read by others$/,
    hint: /^postern: hint: chmod 700 /,
  },
  {
    what: "a full disk",
    within: tiny("64k"),
    says: /^postern: the undo store cannot be made$/,
    hint: /disk is not full$/,
  },
  ...["16k", "32k", "48k", "64k", "96k", "128k"].map((size) => ({
    what: `a disk with ${size} left`,
    within: ({ state }: Stage) => `mount -t tmpfs -o size=${size},mode=700 none ${state}`,
    says: /^postern: (?:the undo store|the record|the session|the undo point) .*cannot be |No space left|Out of diskspace/,
    hint: /not full$|free space on the disk/,
  })),
];

for (const { what, within, environment, words, says, hint } of cases) {
  void test(`${what}: 125, the remedy, and nothing ran (needs user namespaces)`, { skip }, async () => {
    await using stage = await openStage();
    const asking = {
      ...(within === undefined ? {} : { within: within(stage) }),
      ...(environment === undefined ? {} : { environment: environment(stage) }),
    };
    const policy = words === undefined ? ["--policy", stage.policy] : words(stage);
    const { code, output, errors } = await stage.ask(["run", ...policy, "--", "touch", stage.canary], asking);
    const [first = "", second = "", ...more] = errors.trimEnd().split("\n");
    assert.equal(code, 125, errors);
    assert.match(first, says);
    assert.match(second, hint);
    assert.equal(more.filter((line) => line.startsWith("postern:")).length, 0, errors);
    assert.equal(output, "");
    assert.equal(existsSync(stage.canary), false);
  });
}

void test("the same command runs where nothing is missing (needs user namespaces)", { skip }, async () => {
  await using stage = await openStage();
  const { code, errors } = await stage.ask(["run", "--policy", stage.policy, "--", "touch", stage.canary], {
    within: "true",
  });
  assert.equal(code, 0, errors);
  assert.ok(existsSync(stage.canary));
});

/** Asks five times, fills the disk by way of its own home, and goes on asking. */
const filler = `
const { request, Agent } = require("node:https");
const { openSync, writeSync, writeFileSync, appendFileSync } = require("node:fs");
const host = process.argv[1];
const agent = new Agent({ keepAlive: true });
const ask = (path) => new Promise((resolve) => {
  const asked = request({ host, path, method: "POST", agent }, (answer) => answer.resume().on("end", resolve));
  asked.on("error", resolve);
  asked.end("x".repeat(200));
});
(async () => {
  for (let at = 0; at < 5; at += 1) await ask("/before/" + at);
  // their last entries are written by then: the record shall break over what comes after
  await new Promise((resolve) => setTimeout(resolve, 500));
  const file = openSync(process.env.HOME + "/fill", "w");
  try { for (;;) writeSync(file, Buffer.alloc(512)); } catch (error) { writeFileSync("full", String(error)); }
  writeFileSync(".mcp.json", "{}");
  for (let at = 0; ; at += 1) await ask("/after/" + at);
})();
`;

void test("the disk fills during a session: it ends closed, nothing more leaves (needs user namespaces)", {
  skip,
}, async () => {
  await using stage = await openStage();
  const told = join(stage.base, "told");
  const within = `
    mount -t tmpfs -o size=2m,mode=700 none ${stage.state}
    "$@" 2>${told}.run || echo $? >${told}.code
    ${postern} log --json >${told}.log
    ${postern} verify >${told}.verify 2>&1
    rm ${stage.state}/homes/*/fill
    ${postern} run -- true 2>${told}.next
    ${postern} verify
    exit`;
  const last = await stage.ask(["run", "--policy", stage.policy, "--", process.execPath, "-e", filler, vendorHost], {
    within,
  });
  const read = (name: string) => readFileSync(`${told}.${name}`, "utf8");
  assert.equal(read("code").trim(), "124", read("run"));
  assert.match(read("run"), /^postern: the record cannot be written.*\npostern: hint: free space on the disk/m);
  assert.match(readFileSync(join(stage.work, "full"), "utf8"), /ENOSPC/);
  const recorded = intents(parseLines(read("log")));
  assert.deepEqual(
    stage.seen.filter((target) => !recorded.has(target)),
    [],
  );
  assert.ok(stage.seen.includes("/before/4"));
  assert.match(read("verify"), /^verified: /);
  // no room for it in quarantine: inert beside its place, and said
  assert.equal(existsSync(join(stage.work, ".mcp.json")), false);
  assert.match(read("run"), /\.mcp\.json into quarantine; it lies beside its place as \.postern-quarantine-/);
  assert.match(read("next"), /ended with 0/);
  assert.match(last.output, /^verified: .* of 2 sessions/);
});

void test("the disk is full when the tool ends by itself: its end cannot be entered, so 124", { skip }, async () => {
  await using stage = await openStage();
  const within = `mount -t tmpfs -o size=2m,mode=700 none ${stage.state}`;
  // space that only the record's own files could still use is taken by the first of two fills, of 4 KiB blocks
  const script = "cat /dev/zero >$HOME/fill; cat /dev/zero >$HOME/more; echo done >canary; exit 0";
  const { code, errors } = await stage.ask(["run", "--", "sh", "-c", script], { within });
  assert.equal(readFileSync(stage.canary, "utf8"), "done\n");
  assert.equal(code, 124, errors);
  assert.match(errors, /^postern: the record cannot be written.*\npostern: hint: /m);
  assert.match(errors, /the record broke after \d+ entries/);
});
