// The look from outside: no process that is the program, or says so, hides another. Needs /proc.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { openFolder } from "../linux/trial.ts";
import type { Share } from "./share.ts";
import { findPrograms, seenOf } from "./ways-out.ts";

test("every process that is run as the program is looked at, whatever number it says it has", async () => {
  using folder = openFolder();
  const program = join(folder.path, "p.mjs");
  writeFileSync(program, "process.stdin.resume(); console.log('here')");
  const children = [1, 2].map(() => spawn(process.execPath, [program], { stdio: ["pipe", "pipe", "ignore"] }));
  try {
    await Promise.all(children.map(({ stdout }) => once(stdout, "data")));
    const found = findPrograms({ share: { program } as Share });
    assert.deepEqual(new Set(found), new Set(children.map(({ pid }) => String(pid))));
    assert.deepEqual(seenOf(found), ["it has this machine's own network"]);
    assert.deepEqual(seenOf([]), []);
  } finally {
    for (const child of children) child.kill();
  }
});
