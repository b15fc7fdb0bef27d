// Needs bubblewrap, user namespaces, nftables. Nothing that is open or running inside leads to a file of the host by a
// mount of the host's.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, closeSync, openSync, statSync } from "node:fs";
import { test } from "node:test";
import { enterBoundary } from "./enter.ts";
import { bash, openFolder, plan, withoutProc } from "./trial.ts";

test("real boundary (needs /proc inside): no program that runs inside can be changed by who owns it", {
  timeout: 60_000,
  skip: withoutProc,
}, async () => {
  // for the real root the first process's own program is the host's: a writable mount would show it to chmod(2)
  const { said, exit } = await bash(
    "for p in /proc/[0-9]*; do test -w $p/exe && echo writable $p $(readlink $p/exe); done; true",
  );
  assert.equal(exit.code, 0);
  assert.doesNotMatch(said, /writable/);
});

const devices = ["null", "zero", "full", "random", "urandom", "tty"].map((name) => `/dev/${name}`);
const root = process.getuid?.() === 0;
/** As a /proc mounted anew shows them: a mode changed in any of them is changed for all. */
const modesOfProc = (): string =>
  root
    ? execFileSync("unshare", ["--mount", "--pid", "--fork", "--mount-proc", "stat", "-c", "%a", "/proc/swaps"], {
        encoding: "utf8",
      })
    : "";

test("real boundary: no device and no file of /proc is changed for the machine, by whoever owns it", {
  timeout: 60_000,
}, async () => {
  const script = `chmod 600 ${devices.join(" ")} /proc/swaps; touch -d 2000-01-01 ${devices.join(" ")}
python3 -c 'import os,sys
for f in 0,1,2:
  try: os.fchmod(f,0o600)
  except OSError: pass'
echo x >/dev/null && [ "$(head -c 2 /dev/zero | wc -c)" = 2 ] && [ "$(wc -c)" = 0 ]`;
  const tell = (): readonly string[] => [
    ...devices.map((path) => `${path} ${statSync(path).mode.toString(8)} ${statSync(path).mtimeMs}`),
    modesOfProc(),
  ];
  const before = tell();
  const nothing = openSync("/dev/null", "r+");
  try {
    await using walls = await enterBoundary(plan(), { input: nothing, output: nothing, errors: nothing });
    assert.deepEqual(await walls.run(["/bin/bash", "-c", script]), { code: 0, byTool: true });
    assert.deepEqual(tell(), before);
  } finally {
    closeSync(nothing);
    if (root) {
      for (const path of devices) chmodSync(path, 0o666);
      chmodSync("/proc/swaps", 0o444);
    }
  }
});

test("a directory among the tool's descriptors is refused", async () => {
  using folder = openFolder();
  const [directory, nothing] = [openSync(folder.path, "r"), openSync("/dev/null", "r+")];
  try {
    for (const streams of [
      { input: directory, output: nothing, errors: nothing },
      { input: nothing, output: nothing, errors: directory },
    ])
      await assert.rejects(enterBoundary(plan(), streams), { code: "no-terminal" });
  } finally {
    closeSync(directory);
    closeSync(nothing);
  }
});
