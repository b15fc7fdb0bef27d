// The lookout on a real checkout: a new control file goes while the session still works.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { findControlFiles } from "./control-files.ts";
import { Lookout } from "./lookout.ts";

test("however many were put away before, the next one is too", { timeout: 60_000 }, async () => {
  const directory = mkdtempSync(join(tmpdir(), "postern-lookout-"));
  const workspace = join(directory, "checkout");
  mkdirSync(workspace);
  const taken = new Set<string>();
  const lookout = new Lookout(findControlFiles(workspace), join(directory, "quarantine"), {
    quarantined: ({ path }) => taken.add(path),
    failed: assert.fail,
  });
  const settled = async (count: number): Promise<void> => {
    while (taken.size < count) await new Promise((later) => setTimeout(later, 20));
  };
  try {
    for (let nth = 0; nth < 600; nth += 1) {
      mkdirSync(join(workspace, `d${nth}`));
      writeFileSync(join(workspace, `d${nth}/.mcp.json`), "{}");
    }
    await settled(600);
    writeFileSync(join(workspace, ".mcp.json"), "{}");
    await settled(601);
    assert.ok(taken.has(".mcp.json"));
    assert.ok(!existsSync(join(workspace, ".mcp.json")));
  } finally {
    await lookout[Symbol.asyncDispose]();
    rmSync(directory, { recursive: true });
  }
});

test("a new hook is put away, also while other names keep coming", { timeout: 20_000 }, async () => {
  const directory = mkdtempSync(join(tmpdir(), "postern-lookout-"));
  const workspace = join(directory, "checkout");
  mkdirSync(workspace);
  execFileSync("git", ["init", "-q", workspace]);
  const hook = join(workspace, ".git/hooks/post-commit");
  const { promise: taken, resolve } = Promise.withResolvers<string>();
  const lookout = new Lookout(findControlFiles(workspace), join(directory, "quarantine"), {
    quarantined: ({ path }) => resolve(path),
    failed: assert.fail,
  });
  // what never runs, and is looked at for its name
  const noise = setInterval(() => writeFileSync(join(workspace, ".git/hooks/noise.sample"), "x"), 50);
  try {
    await new Promise((later) => setTimeout(later, 300));
    writeFileSync(hook, "#!/bin/sh\n", { mode: 0o755 });
    assert.equal(await taken, ".git/hooks/post-commit");
    assert.ok(!existsSync(hook));
  } finally {
    clearInterval(noise);
    await lookout[Symbol.asyncDispose]();
    rmSync(directory, { recursive: true });
  }
});

test("a directory that took another's name is looked into, and watched", { timeout: 20_000 }, async () => {
  const directory = mkdtempSync(join(tmpdir(), "postern-lookout-"));
  const workspace = join(directory, "checkout");
  mkdirSync(join(workspace, "a/b"), { recursive: true });
  const came: string[] = [];
  const until = async (path: string): Promise<void> => {
    while (!came.includes(path)) await new Promise((later) => setTimeout(later, 20));
  };
  const lookout = new Lookout(findControlFiles(workspace), join(directory, "quarantine"), {
    quarantined: () => assert.fail(),
    failed: assert.fail,
    came: (path) => came.push(path),
  });
  try {
    await until("a/b");
    rmSync(join(workspace, "a"), { recursive: true });
    mkdirSync(join(workspace, "a/b"), { recursive: true });
    writeFileSync(join(workspace, "a/b/c"), "x");
    await until("a/b/c");
    writeFileSync(join(workspace, "a/b/d"), "x");
    await until("a/b/d");
  } finally {
    await lookout[Symbol.asyncDispose]();
    rmSync(directory, { recursive: true });
  }
});
