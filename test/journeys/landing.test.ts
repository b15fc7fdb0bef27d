// What a session made in its private copy comes over exactly; what it may not bring over does not; where the checkout
// moved on, nothing is lost.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
} from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import {
  accept,
  copiedGit,
  type Desk,
  git,
  gitInCopy,
  history,
  type Laid,
  listing,
  openDesk,
  put,
  review,
  stage,
} from "./landing-desk.ts";

const lines = (count: number) => Array.from({ length: count }, (_, at) => `line ${at}\n`).join("");

const files = {
  "a.txt": "one\ntwo\n",
  "long.txt": lines(60),
  "run.sh": "#!/bin/sh\n",
  "gone/x/y": "y\n",
  "old name": "moved\n",
  kind: "a file\n",
  "dir/in": "in\n",
  "dir/deep/in": "deep\n",
  ".gitignore": "node_modules\n*.log\n",
};

function furnish(desk: Desk): void {
  put(desk.work, "a.txt", "one\ntwo\nuncommitted\n");
  put(desk.work, "untracked", "never added\n", 0o640);
  chmodSync(join(desk.work, "untracked"), 0o640);
  put(desk.work, ".env", "KEY=1\n", 0o600);
  put(desk.work, "node_modules/p/index.js", "p\n");
  put(desk.work, "build.log", "ignored, beside others\n");
  symlinkSync("a.txt", join(desk.work, "link"));
  mkdirSync(join(desk.work, "hollow"));
}

async function lay(more: Readonly<Record<string, string>> = {}): Promise<Laid> {
  const desk = openDesk({ ...files, ...more });
  furnish(desk);
  return stage(desk);
}

test("a copy holds what the checkout held: uncommitted, untracked and ignored, with permissions and times", async () => {
  const desk = openDesk(files);
  furnish(desk);
  utimesSync(join(desk.work, "run.sh"), 1_000_000, 1_000_000);
  using laid = await stage(desk);
  assert.deepEqual(listing(laid.tree), listing(laid.work));
  assert.equal(statSync(join(laid.tree, "run.sh")).mtimeMs, 1_000_000_000);
  assert.equal(gitInCopy(laid, ["status", "--porcelain"]), git(laid.work, ["status", "--porcelain"]));
  assert.equal(existsSync(join(laid.tree, ".git/HEAD")), false, "what a person opens is no repository");
  // nothing is shared with the checkout
  put(laid.tree, "node_modules/p/index.js", "changed in place\n");
  put(laid.tree, "a.txt", "changed in place\n");
  assert.equal(readFileSync(join(laid.work, "node_modules/p/index.js"), "utf8"), "p\n");
  assert.equal(readFileSync(join(laid.work, "a.txt"), "utf8"), "one\ntwo\nuncommitted\n");
});

function work(laid: Laid): void {
  const at = (path: string) => join(laid.tree, path);
  put(laid.tree, "a.txt", "one\ntwo\nuncommitted\nthree\n");
  put(laid.tree, "new/deep/file", "new\n");
  put(laid.tree, "binary", Buffer.from([0, 1, 2, 255]));
  put(laid.tree, "od\td \u202e name", "odd\n");
  chmodSync(at("run.sh"), 0o755);
  rmSync(at("gone"), { recursive: true });
  renameSync(at("old name"), at("new name"));
  rmSync(at("kind"));
  put(laid.tree, "kind/now", "a directory\n");
  rmSync(at("dir"), { recursive: true });
  put(laid.tree, "dir", "now a file\n");
  rmSync(at("link"));
  symlinkSync("run.sh", at("link"));
  mkdirSync(at("empty/er"), { recursive: true });
  rmSync(at("hollow"), { recursive: true });
  put(laid.tree, ".env", "KEY=2\n");
}

test("edits, additions, deletions, renames, links, kinds, permissions, empty directories: landed exactly", async () => {
  using laid = await lay();
  work(laid);
  const before = listing(laid.work);
  const [wanted, past] = [listing(laid.tree), history(laid.work)];
  await review(laid);
  assert.deepEqual(listing(laid.work), before, "looking changes nothing");
  assert.match(await accept(laid, ["all"]), /^landed: /);
  assert.deepEqual(listing(laid.work), wanted);
  assert.equal(history(laid.work).split("\n\n")[0], past.split("\n\n")[0]);
  assert.equal((await review(laid)).items.length, 0);
});

test("what is shown is byte for byte what lands, hunk by hunk", async () => {
  using laid = await lay();
  const [old, fresh] = [lines(60), lines(60).replace("line 3\n", "three\n").replace("line 50\n", "fifty\nmore\n")];
  put(laid.tree, "long.txt", fresh);
  assert.equal(await accept(laid, ["long.txt#2"]), "landed: long.txt#2");
  assert.equal(readFileSync(join(laid.work, "long.txt"), "utf8"), old.replace("line 50\n", "fifty\nmore\n"));
  assert.match(await accept(laid, ["long.txt#2"]), /refused: .* hunks 1 to 1/);
  assert.equal(await accept(laid, ["long.txt#1"]), "landed: long.txt#1");
  assert.equal(readFileSync(join(laid.work, "long.txt"), "utf8"), fresh);
});

test("commits come over as objects and references, and the index with them", async () => {
  using laid = await lay();
  put(laid.work, "staged by the person", "x\n");
  git(laid.work, ["add", "staged by the person"]);
  put(laid.tree, "src/new.ts", "new\n");
  gitInCopy(laid, ["checkout", "-q", "-b", "feature"]);
  gitInCopy(laid, ["add", "src"]);
  gitInCopy(laid, ["commit", "-q", "-m", "second"]);
  gitInCopy(laid, ["tag", "-a", "-m", "mark", "v1"]);
  const tip = gitInCopy(laid, ["rev-parse", "HEAD"]);
  gitInCopy(laid, ["gc", "-q"]);
  assert.equal(await accept(laid, ["all"]), "landed: src/new.ts refs/heads/feature refs/tags/v1 HEAD");
  assert.equal(git(laid.work, ["rev-parse", "feature", "v1^{commit}"]), tip + tip);
  assert.equal(readFileSync(join(laid.work, ".git/HEAD"), "utf8"), "ref: refs/heads/feature\n");
  const status = git(laid.work, ["status", "--porcelain", "--", "src", "staged by the person"]);
  assert.equal(status, 'A  "staged by the person"\n');
  git(laid.work, ["fsck", "--strict"]);
  assert.equal((await review(laid)).items.length, 0);
});

test("where the checkout moved on elsewhere in a file, both stay; in the same place, nothing lands", async () => {
  using laid = await lay();
  put(laid.tree, "long.txt", lines(60).replace("line 3\n", "the session's\n"));
  put(laid.tree, "a.txt", "the session's\n");
  put(laid.tree, "other", "other\n");
  put(laid.work, "long.txt", lines(60).replace("line 40\n", "the person's\n"));
  put(laid.work, "a.txt", "the person's\n");
  rmSync(join(laid.work, "run.sh"));
  chmodSync(join(laid.tree, "run.sh"), 0o755);
  const before = listing(laid.work);
  const shown = await review(laid);
  assert.deepEqual(
    shown.conflicts.map(({ id, why }) => `${id}: ${why}`),
    ["a.txt: both changed the same lines", "run.sh: it was deleted in the checkout"],
  );
  assert.match(await accept(laid, ["all"]), /^refused: a\.txt and 1 more/);
  assert.match(await accept(laid, ["other", "a.txt"]), /^refused: a\.txt: both changed/);
  assert.deepEqual(listing(laid.work), before);
  assert.equal(await accept(laid, ["all"], { rest: true }), "landed: long.txt other");
  const joined = lines(60).replace("line 3\n", "the session's\n").replace("line 40\n", "the person's\n");
  assert.equal(readFileSync(join(laid.work, "long.txt"), "utf8"), joined);
  assert.equal(readFileSync(join(laid.work, "a.txt"), "utf8"), "the person's\n");
});

test("a branch that moved on in the checkout is not moved back; one the session went on with is", async () => {
  using laid = await lay();
  for (const [where, name] of [
    ["copy", "theirs"],
    ["work", "ours"],
  ] as const) {
    const run = (words: readonly string[]) => (where === "copy" ? gitInCopy(laid, words) : git(laid.work, words));
    put(where === "copy" ? laid.tree : laid.work, name, `${name}\n`);
    run(["add", name]);
    run(["commit", "-q", "-m", name]);
  }
  const tip = git(laid.work, ["rev-parse", "main"]);
  const { conflicts } = await review(laid);
  assert.deepEqual(
    conflicts.map(({ id, why }) => `${id}: ${why}`),
    ["refs/heads/main: it moved on in the checkout"],
  );
  assert.equal(await accept(laid, ["all"], { rest: true }), "landed: theirs");
  assert.equal(git(laid.work, ["rev-parse", "main"]), tip);
  // once it holds the checkout's commits, it lands
  execFileSync("git", ["-C", laid.work, "update-ref", "refs/heads/main", `${tip.trim()}^`], { stdio: "pipe" });
  assert.equal(await accept(laid, ["refs/heads/main"]), "landed: refs/heads/main");
  assert.equal(git(laid.work, ["log", "-1", "--format=%s", "main"]), "theirs\n");
});

test("a checkout that changes while it lands gets everything taken back but that change", async () => {
  using laid = await lay();
  work(laid);
  const { readyJournal } = await import("./landing-desk.ts");
  const { land } = await import("../../src/review/landing/land.ts");
  gitInCopy(laid, ["add", "-A"]);
  gitInCopy(laid, ["commit", "-q", "-m", "all"]);
  const journal = await readyJournal(laid, ["all"]);
  const [before, past] = [listing(laid.work), history(laid.work)];
  put(laid.work, "a.txt", "the person's, just now\n");
  const landed = await land(laid.copy, journal);
  assert.equal("kind" in landed && landed.kind, "taken-back");
  const changed = { ...before, "a.txt": listing(laid.work)["a.txt"] ?? "" };
  assert.notEqual(changed["a.txt"], before["a.txt"]);
  assert.deepEqual(listing(laid.work), changed);
  assert.equal(history(laid.work), past);
});

test("submodules and nested repositories: their branches land in theirs", async () => {
  const desk = openDesk(files);
  const lib = openDesk({ "lib.c": "lib\n" });
  git(desk.work, ["-c", "protocol.file.allow=always", "submodule", "add", "-q", lib.work, "vendor/lib"]);
  git(desk.work, ["commit", "-q", "-m", "a submodule"]);
  using laid = await stage(desk);
  const module = join(copiedGit(laid), "modules/vendor/lib");
  const environment = { GIT_DIR: module, GIT_WORK_TREE: join(laid.tree, "vendor/lib") };
  put(laid.tree, "vendor/lib/lib.c", "changed\n");
  const lent = { ...environment, GIT_ALTERNATE_OBJECT_DIRECTORIES: join(laid.work, ".git/modules/vendor/lib/objects") };
  const who = ["-c", "user.name=a", "-c", "user.email=a@example.org"];
  execFileSync("git", [...who, "commit", "-q", "-a", "-m", "in the submodule"], {
    cwd: laid.tree,
    env: { ...process.env, ...lent },
    stdio: "pipe",
  });
  assert.equal(await accept(laid, ["all"]), "landed: vendor/lib/lib.c .git/modules/vendor/lib:refs/heads/main");
  assert.equal(git(join(laid.work, "vendor/lib"), ["log", "-1", "--format=%s"]), "in the submodule\n");
  assert.equal(git(join(laid.work, "vendor/lib"), ["status", "--porcelain"]), "");
  lib[Symbol.dispose]();
});
