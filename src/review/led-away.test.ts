// A directory of the checkout gave way to a link to another project of the person's: nothing of that is read, copied or taken for
// the checkout's own.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { executingSettings } from "./git-settings.ts";
import { applyRepository } from "./landing/repository-steps.ts";
import { readLeaf } from "./leaf.ts";
import { findRepositories } from "./repositories.ts";
import { copyRepositories } from "./staged/repository.ts";

class Bench implements Disposable {
  readonly root = realpathSync(mkdtempSync(join(tmpdir(), "postern-away-")));
  readonly checkout = join(this.root, "checkout");

  constructor() {
    for (const path of ["checkout/own", "other"]) {
      mkdirSync(join(this.root, path), { recursive: true });
      execFileSync("git", ["init", "-q", join(this.root, path)]);
    }
    symlinkSync(join(this.root, "other"), join(this.checkout, "sub"));
  }

  [Symbol.dispose](): void {
    rmSync(this.root, { recursive: true });
  }
}

test("a control file behind a link is none of the checkout's", () => {
  using bench = new Bench();
  assert.equal(readLeaf(bench.checkout, "sub/.git/config", "<git>/config"), undefined);
  assert.match(readLeaf(bench.checkout, "own/.git/config", "<git>/config")?.text ?? "", /repositoryformatversion/);
});

test("a git directory behind a link is not copied", () => {
  using bench = new Bench();
  const place = (path: string) => ({ path, own: `${bench.checkout}/${path}`, common: `${bench.checkout}/${path}` });
  mkdirSync(join(bench.root, "copy"));
  assert.throws(() => copyRepositories(bench.checkout, join(bench.root, "copy"), [place("sub/.git")]));
  assert.ok(!existsSync(join(bench.root, "copy/git/0/config")));
  copyRepositories(bench.checkout, join(bench.root, "copy"), [place("own/.git")]);
  assert.ok(existsSync(join(bench.root, "copy/git/0/config")));
});

test("a git directory behind a link is no repository of the checkout's, and nothing is moved in it", async () => {
  using bench = new Bench();
  const found = findRepositories(bench.checkout, ["own/.git", "sub/.git"]);
  assert.deepEqual(
    found.map(({ path }) => path),
    ["own/.git"],
  );
  const git = (...words: readonly string[]) =>
    execFileSync("git", ["-C", join(bench.root, "other"), ...words], { encoding: "utf8" }).trim();
  const who = ["-c", "user.name=a", "-c", "user.email=a@example.org"];
  git(...who, "commit", "-q", "--allow-empty", "-m", "first");
  const object = git("rev-parse", "HEAD");
  const place = `${bench.checkout}/sub/.git`;
  const references = [{ name: "refs/heads/planted", before: undefined, after: object }];
  const operation = { own: place, common: place, references, head: undefined, index: undefined };
  const stuck = await applyRepository(bench.checkout, operation, { back: false, resumedFrom: undefined });
  assert.match(stuck ?? "", /a link stands in its place/);
  assert.equal(git("branch", "--list", "planted"), "");
});

test("a working tree that a link leads out of the checkout is no harmless setting", async () => {
  using bench = new Bench();
  const place = { gitDirectory: join(bench.checkout, "own/.git"), workspace: bench.checkout };
  const judged = (value: string) => executingSettings(`[core]\n\tworktree = ${value}\n`, place);
  assert.deepEqual(await judged("../../own"), []);
  assert.deepEqual(await judged("../../gone"), []);
  for (const value of ["../../sub", "../../sub/../other", join(bench.checkout, "sub")])
    assert.deepEqual(await judged(value), [`core.worktree=${value}`], value);
});
