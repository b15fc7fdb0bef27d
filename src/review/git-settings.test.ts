// A working tree that a configuration names: harmless where it really lies in the workspace.

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { executingSettings } from "./git-settings.ts";

test("core.worktree is judged by where it leads, not by how it reads", async () => {
  const root = realpathSync(mkdtempSync(join(tmpdir(), "postern-worktree-")));
  try {
    const [workspace, gitDirectory] = [join(root, "work"), join(root, "work/repo/.git")];
    mkdirSync(gitDirectory, { recursive: true });
    mkdirSync(join(root, "work/plain"));
    mkdirSync(join(root, "home"));
    symlinkSync(join(root, "home"), join(root, "work/link"));
    symlinkSync("plain", join(root, "work/inner"));
    symlinkSync(join(root, "nowhere"), join(root, "work/dangling"));
    for (const [place, harmless] of [
      ["../../plain", true],
      ["../../plain/not/yet", true],
      ["../../inner", true],
      ["../../link", false],
      ["../../link/not/yet", false],
      ["../../dangling", false],
      ["../../dangling/below", false],
      ["../../../home", false],
      ["../../link/../work/plain", false],
    ] as const) {
      const text = `[core]\n\tworktree = ${place}\n`;
      const runs = await executingSettings(text, { gitDirectory, workspace });
      assert.deepEqual(runs, harmless ? [] : [`core.worktree=${place}`], place);
    }
  } finally {
    rmSync(root, { recursive: true });
  }
});

test("a remote that is a repository in the state directory is not harmless: a push there runs a tool's hooks", async () => {
  const root = realpathSync(mkdtempSync(join(tmpdir(), "postern-remote-")));
  try {
    const [workspace, ours] = [join(root, "work"), join(root, "state")];
    const gitDirectory = join(workspace, "repo/.git");
    mkdirSync(gitDirectory, { recursive: true });
    mkdirSync(join(ours, "homes/x"), { recursive: true });
    symlinkSync(join(ours, "homes"), join(root, "link"));
    for (const [url, harmless] of [
      ["https://host.test/o/r.git", true],
      ["git@host.test:o/r.git", true],
      ["../other", true],
      ["/srv/git/r.git", true],
      [join(ours, "homes/x/far.git"), false],
      ["../../state/homes/x/far.git", false],
      [join(root, "link/x/far.git"), false],
      [`file://${ours}/homes/x/far.git`, false],
    ] as const) {
      const runs = await executingSettings(`[remote "origin"]\n\turl = ${url}\n`, { gitDirectory, workspace, ours });
      assert.deepEqual(runs, harmless ? [] : [`remote.origin.url=${url}`], url);
    }
  } finally {
    rmSync(root, { recursive: true });
  }
});
