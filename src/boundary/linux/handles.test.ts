// Needs bubblewrap, user namespaces, nftables. Nothing that is open or running inside leads to a file of the host by a
// mount of the host's.

import assert from "node:assert/strict";
import { closeSync, openSync } from "node:fs";
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
