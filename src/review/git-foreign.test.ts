// A directory among git's own files that git knows nothing of is one like any other: a link in the checkout may lead there, and
// whoever stands in it has its repository, its editor's tasks, its agent's instructions.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { findControlFiles } from "./control-files.ts";
import { Lookout } from "./lookout.ts";
import { sweep } from "./sweep.ts";

class Bench implements Disposable {
  readonly root = mkdtempSync(join(tmpdir(), "postern-foreign-"));
  readonly checkout = join(this.root, "checkout");
  readonly canary = join(this.root, "ran");

  constructor() {
    mkdirSync(this.checkout);
    this.put("a", "a");
    this.git(".", "init", "-q");
    this.git(".", "add", "-A");
    this.git(".", "commit", "-qm", "first");
  }

  put(path: string, text: string): void {
    mkdirSync(dirname(join(this.checkout, path)), { recursive: true });
    writeFileSync(join(this.checkout, path), text);
  }

  git(at: string, ...words: readonly string[]): string {
    const who = ["-c", "user.name=tool", "-c", "user.email=tool@example.org"];
    return execFileSync("git", ["-C", join(this.checkout, at), ...who, ...words], { encoding: "utf8", stdio: "pipe" });
  }

  /** A repository whose status runs a program, and a link to it where a person goes. */
  plant(at: string): void {
    mkdirSync(join(this.checkout, at), { recursive: true });
    this.git(at, "init", "-q");
    this.git(at, "config", "core.fsmonitor", `touch '${this.canary}'; false`);
    symlinkSync(at, join(this.checkout, "src"));
  }

  async sweep(before: ReturnType<typeof findControlFiles>): Promise<readonly string[]> {
    const { quarantined, truncated, failed } = await sweep(before, join(this.root, "quarantine"));
    assert.deepEqual([truncated, failed], [undefined, []]);
    return quarantined.map(({ path }) => path).sort();
  }

  [Symbol.dispose](): void {
    rmSync(this.root, { recursive: true });
  }
}

test("the control: a person's git runs what such a repository says", () => {
  using bench = new Bench();
  bench.plant(".git/kept/src");
  bench.git("src", "status");
  assert.ok(existsSync(bench.canary));
});

const places = [
  ".git/kept/src",
  ".git/kept/deep/er/src",
  ".git/objects/kept",
  ".git/objects/pack/kept",
  ".git/objects/ab/kept",
  ".git/lfs/kept",
  ".git/logs/kept",
  ".git/modules/kept/src",
  ".git/info/kept",
];

for (const place of places)
  test(`a repository in ${place} is found, and runs nothing afterwards`, async () => {
    using bench = new Bench();
    const before = findControlFiles(bench.checkout);
    bench.plant(place);
    assert.ok((await bench.sweep(before)).includes(`${place}/.git/config`));
    bench.git("src", "status");
    assert.ok(!existsSync(bench.canary));
  });

test("whatever git keeps there otherwise, a link makes it a directory like any other", async () => {
  using bench = new Bench();
  const before = findControlFiles(bench.checkout);
  for (const name of [".envrc", "CLAUDE.md", "index.ts"]) bench.put(`.git/objects/ab/${name}`, "x");
  bench.put(".git/logs/kept/.mcp.json", "x");
  assert.deepEqual(await bench.sweep(before), []);
  symlinkSync(".git/objects/ab", join(bench.checkout, "src"));
  symlinkSync(".git/logs/kept", join(bench.checkout, "other"));
  assert.deepEqual(await bench.sweep(before), [
    ".git/logs/kept/.mcp.json",
    ".git/objects/ab/.envrc",
    ".git/objects/ab/CLAUDE.md",
  ]);
});

test("links among such directories lead nobody in circles", async () => {
  using bench = new Bench();
  const before = findControlFiles(bench.checkout);
  for (const name of ["one", "two"]) bench.put(`.git/logs/${name}/f`, "x");
  symlinkSync("../two", join(bench.checkout, ".git/logs/one/on"));
  symlinkSync("../one", join(bench.checkout, ".git/logs/two/back"));
  symlinkSync(".git/logs/one", join(bench.checkout, "src"));
  // a link among git's own is one by itself
  assert.deepEqual(await bench.sweep(before), [".git/logs/one/on", ".git/logs/two/back"]);
});

test("a bare one, and other control files, are found there too", async () => {
  using bench = new Bench();
  const before = findControlFiles(bench.checkout);
  bench.put(".git/kept/.vscode/tasks.json", "{}");
  bench.put(".git/kept/CLAUDE.md", "x");
  bench.git(".", "init", "-q", "--bare", ".git/kept/bare");
  bench.git(".git/kept/bare", "config", "core.sshCommand", "evil");
  assert.deepEqual(await bench.sweep(before), [".git/kept/.vscode", ".git/kept/CLAUDE.md", ".git/kept/bare/config"]);
});

test("what git itself makes is no control file", async () => {
  using bench = new Bench();
  const before = findControlFiles(bench.checkout);
  for (const name of ["objects", "refs", "HEAD", "AGENTS.md"]) bench.git(".", "branch", `x/${name}`);
  bench.git(".", "worktree", "add", "-q", "wt", "-b", "fix");
  bench.put("b", "b");
  bench.git(".", "add", "b");
  bench.git(".", "commit", "-qm", "second");
  bench.git(".", "gc", "-q");
  bench.git(".", "commit-graph", "write", "--split");
  assert.deepEqual(await bench.sweep(before), []);
});

test("while a session runs, one is put away at once", { timeout: 20_000 }, async () => {
  using bench = new Bench();
  const before = findControlFiles(bench.checkout);
  const away: string[] = [];
  await using _lookout = new Lookout(before, join(bench.root, "quarantine"), {
    quarantined: ({ path }) => away.push(path),
    failed: assert.fail,
  });
  bench.plant(".git/kept/src");
  while (!away.includes(".git/kept/src/.git/config")) await new Promise((later) => setTimeout(later, 20));
  assert.ok(!readdirSync(join(bench.checkout, "src/.git")).includes("config"));
});
