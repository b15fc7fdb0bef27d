// What git's own files name, and the person's next git outside would write, read or push to because of it: it does not.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { findControlFiles } from "./control-files.ts";
import { strayIn } from "./index-names.ts";
import { Lookout } from "./lookout.ts";
import { sweep } from "./sweep.ts";

class Bench implements Disposable {
  readonly root = mkdtempSync(join(tmpdir(), "postern-named-"));
  readonly checkout = join(this.root, "checkout");
  readonly quarantine = join(this.root, "quarantine");
  readonly profile = join(this.root, ".profile");

  constructor(...more: readonly string[]) {
    mkdirSync(this.checkout);
    this.git("init", "-q", ...more);
    writeFileSync(join(this.checkout, "file"), "text");
    this.git("add", ".");
    this.git("commit", "-qm", "one");
    writeFileSync(this.profile, "the person's\n");
  }

  git(...words: readonly string[]): string {
    const identity = {
      GIT_AUTHOR_NAME: "p",
      GIT_AUTHOR_EMAIL: "p@x",
      GIT_COMMITTER_NAME: "p",
      GIT_COMMITTER_EMAIL: "p@x",
    };
    const env = { PATH: process.env["PATH"], HOME: this.root, GIT_CONFIG_NOSYSTEM: "1", ...identity };
    return execFileSync("git", ["-C", this.checkout, ...words], { stdio: "pipe", env }).toString();
  }

  index(at = ".git"): Buffer {
    return readFileSync(join(this.checkout, at, "index"));
  }

  /** As a tool would: an index by hand. */
  plant(names: readonly string[], at = ".git"): void {
    writeFileSync(join(this.root, "content"), `#!/bin/sh\necho ran > "${this.root}/ran"\n`);
    const object = this.git("hash-object", "-w", join(this.root, "content")).trim();
    writeFileSync(join(this.checkout, at, "index"), indexOf(names, object));
  }

  async sweep(before: ReturnType<typeof findControlFiles>): Promise<readonly (readonly [string, string])[]> {
    const { quarantined, failed } = await sweep(before, this.quarantine);
    assert.deepEqual(failed, []);
    return quarantined.map(({ path, pattern }) => [path, pattern] as const);
  }

  [Symbol.dispose](): void {
    rmSync(this.root, { recursive: true });
  }
}

/** gitformat-index(5), version 2. */
function indexOf(names: readonly string[], object: string): Buffer {
  const head = Buffer.alloc(12);
  head.write("DIRC");
  head.writeUInt32BE(2, 4);
  head.writeUInt32BE(names.length, 8);
  const entries = names.toSorted().map((name) => {
    const entry = Buffer.alloc((62 + Buffer.byteLength(name) + 8) & ~7);
    entry.writeUInt32BE(0o100755, 24);
    entry.write(object, 40, "hex");
    entry.writeUInt16BE(Buffer.byteLength(name), 60);
    entry.write(name, 62);
    return entry;
  });
  return sealed(Buffer.concat([head, ...entries]));
}

function sealed(bytes: Buffer): Buffer {
  return Buffer.concat([bytes, createHash("sha1").update(bytes).digest()]);
}

test("git restore writes where an index by hand says, a hook too: the control", () => {
  using bench = new Bench();
  bench.plant(["../.profile", ".git/hooks/post-checkout", join(bench.root, "made")]);
  bench.git("restore", ".");
  assert.match(readFileSync(bench.profile, "utf8"), /echo ran/);
  assert.ok(existsSync(join(bench.root, "made")));
  bench.git("checkout", "-q", "-b", "other", "HEAD", "--");
  assert.ok(existsSync(join(bench.root, "ran")));
});

for (const name of ["../.profile", ".git/hooks/post-checkout", "/etc/x", "src/../../.profile", "a/.GIT/config", "./x"])
  test(`an index that names ${name} is put away, and git writes nothing of it`, async () => {
    using bench = new Bench();
    const before = findControlFiles(bench.checkout);
    bench.plant(["file", name]);
    assert.deepEqual(await bench.sweep(before), [[".git/index", "<git>/index"]]);
    bench.git("reset", "-q");
    bench.git("restore", ".");
    assert.equal(readFileSync(bench.profile, "utf8"), "the person's\n");
    assert.ok(!existsSync(join(bench.checkout, ".git/hooks/post-checkout")));
  });

for (const [at, make] of [
  [".git/worktrees/tree", (bench: Bench) => bench.git("worktree", "add", "-q", "tree")],
  ["fresh/.git", (bench: Bench) => bench.git("init", "-q", "fresh")],
] as const)
  test(`so is one in ${at}`, async () => {
    using bench = new Bench();
    const before = findControlFiles(bench.checkout);
    make(bench);
    bench.plant(["../.profile"], at);
    assert.deepEqual(await bench.sweep(before), [[`${at}/index`, "<git>/index"]]);
  });

test("while a session works an index that leads out is put away, and no other", { timeout: 20_000 }, async () => {
  using bench = new Bench();
  const { promise: taken, resolve } = Promise.withResolvers<string>();
  const sight = { quarantined: ({ path }: { path: string }) => resolve(path), failed: assert.fail };
  await using _lookout = new Lookout(findControlFiles(bench.checkout), bench.quarantine, sight);
  await new Promise((later) => setTimeout(later, 300));
  writeFileSync(join(bench.checkout, "more"), "");
  bench.git("add", "more");
  await new Promise((later) => setTimeout(later, 600));
  assert.ok(existsSync(join(bench.checkout, ".git/index")));
  bench.plant(["../.profile"]);
  assert.equal(await taken, ".git/index");
});

const rerere = (bench: Bench): void => {
  const solved = "1".repeat(40);
  mkdirSync(join(bench.checkout, `.git/rr-cache/${solved}`), { recursive: true });
  writeFileSync(join(bench.checkout, `.git/rr-cache/${solved}/preimage`), "x");
  writeFileSync(join(bench.checkout, ".git/MERGE_RR"), `${solved}\t../.profile\0`);
};
const kept = (bench: Bench): boolean => existsSync(join(bench.checkout, `.git/rr-cache/${"1".repeat(40)}/postimage`));

test("a commit keeps what MERGE_RR names, whatever file of the person's it is: the control", () => {
  using bench = new Bench();
  rerere(bench);
  bench.git("commit", "-qm", "two", "--allow-empty");
  assert.ok(kept(bench));
});

test("MERGE_RR is put away, and a commit keeps nothing of the person's", async () => {
  using bench = new Bench();
  const before = findControlFiles(bench.checkout);
  rerere(bench);
  assert.deepEqual(await bench.sweep(before), [[".git/MERGE_RR", "<git>/MERGE_RR"]]);
  bench.git("commit", "-qm", "two", "--allow-empty");
  assert.ok(!kept(bench));
});

for (const [path, pattern, text] of [
  [".git/remotes/origin", "<git>/remotes/", "URL: $R/far.git\n"],
  [".git/branches/origin", "<git>/branches/", "$R/far.git\n"],
] as const)
  test(`an address in ${path} is put away: nothing is pushed to a repository of the tool's, whose hooks would run`, async () => {
    using bench = new Bench();
    bench.git("init", "-q", "--bare", join(bench.root, "far.git"));
    const hook = join(bench.root, "far.git/hooks/post-receive");
    writeFileSync(hook, `#!/bin/sh\ntouch "${bench.root}/ran"\n`);
    chmodSync(hook, 0o755);
    const before = findControlFiles(bench.checkout);
    const plant = (): void => {
      mkdirSync(join(bench.checkout, path, ".."), { recursive: true });
      writeFileSync(join(bench.checkout, path), text.replace("$R", bench.root));
    };
    plant();
    assert.deepEqual(await bench.sweep(before), [[path, pattern]]);
    assert.throws(() => bench.git("push", "-q", "origin", "HEAD:refs/heads/x"));
    assert.ok(!existsSync(join(bench.root, "ran")));
    plant();
    bench.git("push", "-q", "origin", "HEAD:refs/heads/x");
    assert.ok(existsSync(join(bench.root, "ran")), "the control");
  });

test("an index as git writes it is left: every version and extension", async () => {
  using bench = new Bench();
  for (let nth = 0; nth < 300; nth += 1) {
    mkdirSync(join(bench.checkout, `d${nth % 7}/é`), { recursive: true });
    writeFileSync(join(bench.checkout, `d${nth % 7}/é/${"n".repeat(nth % 240)}${nth}`), "");
  }
  const ways: readonly (readonly string[])[] = [
    ["add", "."],
    ["update-index", "--index-version", "3"],
    ["update-index", "--skip-worktree", "file"],
    ["update-index", "--index-version", "4"],
    ["-c", "index.threads=4", "update-index", "--force-write-index"],
    ["update-index", "--untracked-cache", "--force-write-index"],
    ["add", "-N", "d1"],
    ["update-index", "--split-index"],
  ];
  for (const words of ways) {
    bench.git(...words);
    assert.equal(strayIn(bench.index(), 20), undefined, words.join(" "));
  }
  const before = findControlFiles(bench.checkout);
  writeFileSync(join(bench.checkout, "more"), "");
  bench.git("add", "more");
  assert.deepEqual(await bench.sweep(before), []);
});

/** gitformat-index(5), "Index Entry Offset Table" and "End of Index Entry": entries of one length each. */
function tabled(names: readonly string[], first: number, end: number): Buffer {
  const plain = indexOf(names, "0".repeat(40)).subarray(0, -20);
  const table = Buffer.alloc(8 + 4 + 16);
  table.write("IEOT");
  for (const [at, value] of [20, 1, first, 1, 12 + (plain.length - 12) / 2, 1].entries())
    table.writeUInt32BE(value, 4 + at * 4);
  const mark = Buffer.alloc(8 + 4 + 20);
  mark.write("EOIE");
  mark.writeUInt32BE(24, 4);
  mark.writeUInt32BE(end === 0 ? plain.length : end, 8);
  return sealed(Buffer.concat([plain, table, mark]));
}

test("a table of offsets for threads is believed where it says what the entries say", () => {
  const names = ["a", "b"];
  assert.equal(strayIn(tabled(names, 12, 0), 20), undefined);
  assert.equal(strayIn(tabled(names, 16, 0), 20), "it cannot be read");
  assert.equal(strayIn(tabled(names, 12, 40), 20), "it cannot be read");
});

test("in a repository of SHA-256 too", async () => {
  using bench = new Bench("--object-format=sha256");
  const before = findControlFiles(bench.checkout);
  writeFileSync(join(bench.checkout, "more"), "");
  bench.git("add", "more");
  bench.git("worktree", "add", "-q", "tree");
  assert.deepEqual(await bench.sweep(before), []);
  assert.equal(strayIn(bench.index(), 32), undefined);
});

test("a name with an end of its own, or past its length, is no name", () => {
  const object = "0".repeat(40);
  const plain = indexOf(["abcdefgh"], object);
  const cut = Buffer.from(plain);
  cut[12 + 62 + 3] = 0;
  assert.equal(strayIn(plain, 20), undefined);
  assert.equal(strayIn(cut, 20), "it cannot be read");
  assert.equal(strayIn(Buffer.from(plain.subarray(0, 40)), 20), "it cannot be read");
});
