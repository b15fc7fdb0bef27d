// What of a tool's git configuration is set in the checkout's, by git itself, on real files.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { landSettings } from "./settings-landing.ts";

const before = `[core]
	bare = false
[remote "origin"]
	url = https://git.example.org/shop.git
	fetch = +refs/heads/*:refs/remotes/origin/*
[branch "main"]
	remote = origin
	merge = refs/heads/main
`;

class Checkout implements Disposable {
  readonly directory = mkdtempSync(join(tmpdir(), "postern-settings-"));
  readonly file = join(this.directory, "config");

  constructor(text = before) {
    writeFileSync(this.file, text);
  }

  async land(now: string, was = before) {
    return landSettings(this.file, was, now);
  }

  list(): readonly string[] {
    return execFileSync("git", ["config", "--file", this.file, "--list"]).toString().trim().split("\n");
  }

  [Symbol.dispose](): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}

const own = ["core.bare=false", "remote.origin.url=https://git.example.org/shop.git"];

test("what tracking and submodules need is set, and nothing else of the file changes", async () => {
  using checkout = new Checkout();
  const more = `[branch "feature"]
	remote = origin
	merge = refs/heads/feature
[branch "local/it's \\"odd\\""]
	remote = .
	merge = refs/heads/main
[submodule "lib"]
	active = true
	url = https://git.example.org/lib.git
[lfs]
	repositoryformatversion = 0
`;
  const { set, left } = await checkout.land(before + more);
  assert.deepEqual(left, []);
  assert.equal(set.length, 7);
  const list = checkout.list();
  assert.ok(readFileSync(checkout.file, "utf8").startsWith(before));
  for (const line of [
    "branch.feature.remote=origin",
    "branch.feature.merge=refs/heads/feature",
    `branch.local/it's "odd".remote=.`,
    "submodule.lib.url=https://git.example.org/lib.git",
  ])
    assert.ok(list.includes(line), line);
});

test("what runs, what leads elsewhere, and what was there before is not", async () => {
  for (const [more, key] of [
    ["[core]\n\tfsmonitor = ./evil\n", "core.fsmonitor"],
    ["[core]\n\thooksPath = .husky/_\n", "core.hookspath"],
    ["[core]\n\tworktree = /\n", "core.worktree"],
    ["[alias]\n\tst = !evil\n", "alias.st"],
    ["[include]\n\tpath = evil\n", "include.path"],
    ['[url "https://evil.example/"]\n\tinsteadOf = https://git.example.org/\n', "url.https://evil.example/.insteadof"],
    ['[remote "origin"]\n\tpushurl = https://evil.example/x\n', "remote.origin.pushurl"],
    ['[remote "origin"]\n\turl = https://evil.example/x\n', "remote.origin.url"],
    ['[remote "new"]\n\turl = https://evil.example/x\n', "remote.new.url"],
    ["[remote]\n\tpushDefault = new\n", "remote.pushdefault"],
    ['[branch "main"]\n\tremote = elsewhere\n', "branch.main.remote"],
    ['[branch "main"]\n\tpushRemote = origin\n', "branch.main.pushremote"],
    ['[branch "new"]\n\tremote = https://evil.example/x\n', "branch.new.remote"],
    ['[branch "new"]\n\tremote = ext::evil\n', "branch.new.remote"],
    ['[submodule "lib"]\n\turl = ext::evil\n', "submodule.lib.url"],
    ['[submodule "lib"]\n\turl = --upload-pack=evil\n', "submodule.lib.url"],
    ['[submodule "lib"]\n\tupdate = !evil\n', "submodule.lib.update"],
    ["[user]\n\tname = Somebody\n", "user.name"],
    ['[filter "lfs"]\n\tclean = evil\n', "filter.lfs.clean"],
    ["[extensions]\n\tworktreeConfig = true\n", "extensions.worktreeconfig"],
  ] as const) {
    using checkout = new Checkout();
    assert.deepEqual(await checkout.land(before + more), { set: [], left: [key] }, more);
    assert.equal(readFileSync(checkout.file, "utf8"), before, more);
  }
});

test("a branch that follows what one could not fetch from before follows nothing", async () => {
  using checkout = new Checkout();
  const more = `[remote "new"]\n\turl = https://evil.example/x\n\tfetch = +refs/heads/*:refs/remotes/new/*
[branch "b"]\n\tremote = new\n\tmerge = refs/heads/b\n`;
  const { set, left } = await checkout.land(before + more);
  assert.deepEqual([set, left.length], [[], 4]);
});

test("what is taken out inside stays; what a person set meanwhile stays as they set it", async () => {
  using checkout = new Checkout(`${before}[branch "feature"]\n\tremote = mine\n`);
  const now = `${before.replace(/\[branch "main"\][^[]*/, "")}[branch "feature"]\n\tremote = origin\n`;
  const { set, left } = await checkout.land(now);
  assert.deepEqual(set, []);
  assert.deepEqual([...left].sort(), ["branch.feature.remote", "branch.main.merge", "branch.main.remote"]);
  assert.ok(checkout.list().includes("branch.feature.remote=mine"));
});

test("what was there before and a person took out meanwhile does not come back as the tool had it", async () => {
  using checkout = new Checkout(before.replace(/\[branch "main"\][^[]*/, ""));
  const now = before.replace("merge = refs/heads/main", "merge = refs/heads/other");
  assert.deepEqual(await checkout.land(now), { set: [], left: ["branch.main.merge"] });
  assert.deepEqual(
    checkout.list().filter((line) => line.startsWith("branch.")),
    [],
  );
});

test("no configuration, too much of it: nothing is taken over", async () => {
  using checkout = new Checkout();
  const many = Array.from({ length: 201 }, (_, n) => `[branch "b${n}"]\n\tremote = origin\n`).join("");
  for (const now of ["[core", "\0", before + many]) {
    const { set, left } = await checkout.land(now);
    assert.deepEqual(set, []);
    assert.ok(left.length > 0);
  }
  assert.equal(readFileSync(checkout.file, "utf8"), before);
  assert.deepEqual(
    own.filter((line) => !checkout.list().includes(line)),
    [],
  );
});
