// The lookout on a real checkout: a new control file goes while the session still works.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
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
    came: (path) => {
      came.push(path);
      return undefined;
    },
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

/** More changes than the kernel queues for anybody, made while this process cannot hear of one; then what must not be missed. */
function flood(workspace: string, directory: string): void {
  const queued = Number(readFileSync("/proc/sys/fs/inotify/max_queued_events", "utf8"));
  execFileSync(process.execPath, ["-e", flooding, workspace, directory, String(queued)]);
}

const flooding = `
  const { mkdirSync, openSync, renameSync, writeFileSync, writeSync } = require("node:fs");
  const [, workspace, directory, queued] = process.argv;
  process.chdir(workspace);
  if (directory !== "d") renameSync("d", directory);
  const [a, b] = ["a", "b"].map((name) => openSync(directory + "/" + name, "w"));
  for (let turn = 0; turn < queued; turn += 1) for (const file of [a, b]) writeSync(file, "x");
  mkdirSync("deep");
  for (const name of ["late.pem", ".mcp.json", "deep/late.pem"]) writeFileSync(name, "x");
`;

for (const [what, directory] of [
  ["", "d"],
  [", also by a directory that was moved to where nobody looks", "node_modules/d"],
] as const)
  test(`what the kernel drops in a flood is found all the same${what}`, { timeout: 60_000 }, async () => {
    const root = mkdtempSync(join(tmpdir(), "postern-lookout-"));
    const workspace = join(root, "checkout");
    for (const name of ["d", "node_modules"]) mkdirSync(join(workspace, name), { recursive: true });
    const [came, taken] = [new Map<string, string>(), new Set<string>()];
    const lookout = new Lookout(findControlFiles(workspace), join(root, "quarantine"), {
      quarantined: ({ path }) => taken.add(path),
      failed: assert.fail,
      came: (path, { seen }) => {
        came.set(path, seen);
        return undefined;
      },
    });
    try {
      await new Promise((later) => setTimeout(later, 300));
      flood(workspace, directory);
      const all = ["late.pem", "deep/late.pem"];
      const until = performance.now() + 10_000;
      while (!(taken.size > 0 && all.every((path) => came.has(path))) && performance.now() < until)
        await new Promise((later) => setTimeout(later, 20));
      assert.deepEqual([all.map((path) => came.get(path)), [...taken]], [["again", "again"], [".mcp.json"]]);
      // and it is watched again
      writeFileSync(join(workspace, "deep/one.pem"), "x");
      while (!came.has("deep/one.pem")) await new Promise((later) => setTimeout(later, 20));
      assert.equal(came.get("deep/one.pem"), "now");
    } finally {
      await lookout[Symbol.asyncDispose]();
      rmSync(root, { recursive: true });
    }
  });

test("a flood that has not been looked into when the session ends is told", { timeout: 60_000 }, async () => {
  const root = mkdtempSync(join(tmpdir(), "postern-lookout-"));
  const workspace = join(root, "checkout");
  mkdirSync(join(workspace, "d"), { recursive: true });
  let missed = 0;
  const lookout = new Lookout(findControlFiles(workspace), join(root, "quarantine"), {
    quarantined: () => undefined,
    failed: assert.fail,
    missed: () => (missed += 1),
  });
  try {
    await new Promise((later) => setTimeout(later, 300));
    flood(workspace, "d");
    await lookout[Symbol.asyncDispose]();
    assert.equal(missed, 1);
  } finally {
    rmSync(root, { recursive: true });
  }
});
