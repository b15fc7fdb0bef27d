// Links where git keeps directories of its own: what the person's git would do through one after the session, it does not.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { findControlFiles } from "./control-files.ts";
import { Lookout } from "./lookout.ts";
import { sweep } from "./sweep.ts";

class Bench implements Disposable {
  readonly root = mkdtempSync(join(tmpdir(), "postern-links-"));
  readonly checkout = join(this.root, "checkout");
  readonly victim = join(this.root, "victim");
  readonly quarantine = join(this.root, "quarantine");

  constructor() {
    mkdirSync(this.checkout);
    this.git("init", "-q");
    mkdirSync(join(this.victim, "hooks"), { recursive: true });
    for (const file of ["HEAD", "config", "hooks/run"]) writeFileSync(join(this.victim, file), "the person's");
  }

  git(...words: readonly string[]): void {
    execFileSync("git", ["-C", this.checkout, ...words], { stdio: "pipe" });
  }

  /** As the tool would. */
  plant(path: string): void {
    mkdirSync(join(this.checkout, path, ".."), { recursive: true });
    symlinkSync(this.victim, join(this.checkout, path));
  }

  [Symbol.dispose](): void {
    rmSync(this.root, { recursive: true });
  }
}

test("git prunes worktrees through a link and empties what it leads to: the control", () => {
  using bench = new Bench();
  bench.plant(".git/worktrees/x");
  bench.git("worktree", "prune");
  assert.deepEqual(readdirSync(bench.victim), []);
});

for (const path of [".git/worktrees/x", ".git/modules/x", ".git/modules/deep/x"])
  test(`a link in ${path} is put away, and nothing behind it is touched`, async () => {
    using bench = new Bench();
    const before = findControlFiles(bench.checkout);
    bench.plant(path);
    const { quarantined, failed } = await sweep(before, bench.quarantine);
    assert.deepEqual(
      quarantined.map((item) => [item.path, item.kind]),
      [[path, "symlink"]],
    );
    assert.deepEqual(failed, []);
    bench.git("worktree", "prune");
    assert.deepEqual(readdirSync(bench.victim).toSorted(), ["HEAD", "config", "hooks"]);
    assert.equal(readFileSync(join(bench.victim, "config"), "utf8"), "the person's");
  });

test("it is put away while the session works, also where its directory was moved there", {
  timeout: 20_000,
}, async () => {
  using bench = new Bench();
  const { promise: taken, resolve } = Promise.withResolvers<string>();
  const sight = { quarantined: ({ path }: { path: string }) => resolve(path), failed: assert.fail };
  await using _lookout = new Lookout(findControlFiles(bench.checkout), bench.quarantine, sight);
  await new Promise((later) => setTimeout(later, 300));
  bench.plant("made/x");
  execFileSync("mv", [join(bench.checkout, "made"), join(bench.checkout, ".git/worktrees")]);
  assert.equal(await taken, ".git/worktrees/x");
});

test("HEAD may be a link to a branch, and to nothing else", async () => {
  using bench = new Bench();
  bench.git("config", "core.preferSymlinkRefs", "true");
  const before = findControlFiles(bench.checkout);
  bench.git("symbolic-ref", "HEAD", "refs/heads/other");
  assert.deepEqual((await sweep(before, bench.quarantine)).quarantined, []);
  for (const target of ["refs/../config", "refs/heads/../../config", "config", "/refs/heads/x"]) {
    rmSync(join(bench.checkout, ".git/HEAD"));
    symlinkSync(target, join(bench.checkout, ".git/HEAD"));
    const { quarantined } = await sweep(before, bench.quarantine);
    assert.deepEqual(
      quarantined.map((item) => item.path),
      [".git/HEAD"],
      target,
    );
    bench.git("init", "-q");
  }
});
