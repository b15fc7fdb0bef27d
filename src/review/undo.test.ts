import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import * as fc from "fast-check";
import { Fault } from "../domain/fault.ts";
import { changesBetween } from "./changes.ts";
import { findControlFiles } from "./control-files.ts";
import { type ObjectStore, openObjectStore } from "./object-store.ts";
import { type Undone, type UndoRequest, undo } from "./undo.ts";
import { capture, type UndoPoint } from "./undo-point.ts";

function good<Value>(value: Value | Fault): Value {
  if (value instanceof Fault) assert.fail(`${value.message} ${String(value.cause)}`);
  return value;
}

class Bench implements Disposable {
  readonly root = realpathSync(mkdtempSync(join(tmpdir(), "postern-undo-")));
  readonly workspace = join(this.root, "work");
  readonly store: ObjectStore;

  constructor(files: Readonly<Record<string, string>> = {}) {
    mkdirSync(this.workspace);
    for (const [path, text] of Object.entries(files)) this.put(path, text);
    this.store = good(openObjectStore(join(this.root, "state"), this.workspace));
  }

  put(path: string, text: string): void {
    mkdirSync(dirname(this.at(path)), { recursive: true });
    writeFileSync(this.at(path), text);
  }

  at(path: string): string {
    return join(this.workspace, path);
  }

  read(path: string): string {
    return readFileSync(this.at(path), "utf8");
  }

  async point(since?: UndoPoint): Promise<UndoPoint> {
    const found = findControlFiles(this.workspace);
    return good(await capture(this.store, { found, ...(since === undefined ? {} : { since }) }));
  }

  async undo(request: UndoRequest): Promise<Undone> {
    return good(await undo(this.store, request));
  }

  async changes(before: UndoPoint, after: UndoPoint): Promise<readonly string[]> {
    return good(await changesBetween(this.store, before, after)).map((each) => `${each.change} ${each.path}`);
  }

  git(...args: string[]): void {
    const identity = ["-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "init.defaultBranch=main"];
    execFileSync("git", [...identity, ...args], { cwd: this.workspace, stdio: "pipe" });
  }

  [Symbol.dispose](): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}

/** Everything below a directory but git's own, as one text: kinds, permissions, contents. */
function digest(directory: string, at = ""): string {
  return readdirSync(join(directory, at))
    .sort()
    .filter((name) => name !== ".git")
    .map((name) => {
      const path = join(at, name);
      const stats = lstatSync(join(directory, path));
      if (stats.isDirectory()) return `${path}/\n${digest(directory, path)}`;
      if (stats.isSymbolicLink()) return `${path} -> ${readlinkSync(join(directory, path))}\n`;
      const content = createHash("sha256")
        .update(readFileSync(join(directory, path)))
        .digest("hex");
      return `${path} ${(stats.mode & 0o7777).toString(8)} ${content}\n`;
    })
    .join("");
}

test("undo gives back content, permissions, links, deletions, kinds and empty directories", async () => {
  using bench = new Bench({
    "a.txt": "one",
    "deep/b.txt": "two",
    ".env": "KEY=1",
    "run.sh": "#!",
    "gone/c": "c",
    odd: "x",
  });
  chmodSync(bench.at(".env"), 0o600);
  chmodSync(bench.at("run.sh"), 0o755);
  symlinkSync("a.txt", bench.at("link"));
  mkdirSync(bench.at("hollow"));
  const was = digest(bench.workspace);
  const before = await bench.point();
  bench.put("a.txt", "changed");
  rmSync(bench.at("gone"), { recursive: true });
  rmSync(bench.at("link"));
  symlinkSync("/etc/passwd", bench.at("link"));
  chmodSync(bench.at(".env"), 0o644);
  chmodSync(bench.at("run.sh"), 0o644);
  rmSync(bench.at("odd"));
  bench.put("odd/now/a/directory", "y");
  bench.put("deep/new/one.txt", "new");
  rmSync(bench.at("hollow"), { recursive: true });
  const after = await bench.point(before);
  assert.deepEqual(await bench.changes(before, after), [
    "mode .env",
    "modified a.txt",
    "added deep/new/one.txt",
    "deleted gone/c",
    "modified link",
    "deleted odd",
    "added odd/now/a/directory",
    "mode run.sh",
  ]);
  const undone = await bench.undo({ before, after });
  assert.deepEqual(undone.failed, []);
  assert.deepEqual(undone.conflicts, []);
  assert.equal(digest(bench.workspace), was);
});

const name = fc.constantFrom("a", "b", "c", "dir", "ünï", " space", "-n", "new\nline", "[x]*?", ".hidden");
const path = fc.array(name, { minLength: 1, maxLength: 3 }).map((names) => names.join("/"));
const step = fc.oneof(
  fc.record({ kind: fc.constant("write" as const), path, text: fc.string({ maxLength: 20 }) }),
  fc.record({ kind: fc.constant("remove" as const), path }),
  // a later step may write through the link: it must lead to what not even root can change
  fc.record({ kind: fc.constant("link" as const), path, text: fc.constantFrom("a", "/proc/version", "..", "dir") }),
  fc.record({ kind: fc.constant("mode" as const), path, mode: fc.constantFrom(0o600, 0o644, 0o755, 0o700, 0o444) }),
  fc.record({ kind: fc.constant("move" as const), path, to: path }),
  fc.record({ kind: fc.constant("directory" as const), path }),
);

function apply(bench: Bench, step_: typeof step extends fc.Arbitrary<infer Step> ? Step : never): void {
  const at = bench.at(step_.path);
  try {
    if (!realpathSync(dirname(at)).startsWith(bench.workspace)) return;
  } catch {
    // its parents are made below
  }
  try {
    if (step_.kind === "write") bench.put(step_.path, step_.text);
    if (step_.kind === "remove") rmSync(at, { recursive: true, force: true });
    if (step_.kind === "link") symlinkSync(step_.text, at);
    if (step_.kind === "mode" && lstatSync(at).isFile()) chmodSync(at, step_.mode);
    if (step_.kind === "move") renameSync(at, bench.at(step_.to));
    if (step_.kind === "directory") mkdirSync(at, { recursive: true });
  } catch {
    // steps that make no sense here are none
  }
}

test("property: whatever happens to a tree, undo gives back the tree that was", async () => {
  const property = fc.asyncProperty(
    fc.array(step, { maxLength: 12 }),
    fc.array(step, { maxLength: 15 }),
    async (first, then) => {
      using bench = new Bench();
      for (const each of first.filter((one) => !("text" in one && one.kind === "write" && one.text === "/etc")))
        apply(bench, each);
      const was = digest(bench.workspace);
      const before = await bench.point();
      for (const each of then) apply(bench, each);
      const after = await bench.point(before);
      const undone = await bench.undo({ before, after });
      assert.deepEqual([undone.failed, undone.conflicts], [[], []]);
      assert.equal(digest(bench.workspace), was);
    },
  );
  await fc.assert(property, { numRuns: 40 });
});

test("a path changed after the session is a conflict: nothing is touched, the rest only when asked", async () => {
  using bench = new Bench({ a: "1", b: "1" });
  const before = await bench.point();
  bench.put("a", "2");
  bench.put("b", "2");
  const after = await bench.point(before);
  bench.put("a", "3, by the person");
  const refused = await bench.undo({ before, after });
  assert.deepEqual([refused.done, refused.conflicts, refused.restored], [false, ["a"], []]);
  assert.equal(bench.read("b"), "2");
  const rest = await bench.undo({ before, after, rest: true });
  assert.deepEqual([rest.done, rest.restored], [true, ["b"]]);
  assert.equal(bench.read("a"), "3, by the person");
  assert.deepEqual((await bench.undo({ before, after, paths: ["b"] })).already, ["b"]);
});

test("undo never writes through a link put in a directory's place", async () => {
  using bench = new Bench({ "dir/f": "inside" });
  const before = await bench.point();
  rmSync(bench.at("dir"), { recursive: true });
  const after = await bench.point(before);
  const outside = join(bench.root, "outside");
  mkdirSync(outside);
  symlinkSync(outside, bench.at("dir"));
  const undone = await bench.undo({ before, after });
  assert.deepEqual(readdirSync(outside), []);
  assert.deepEqual(undone.failed, [{ path: "dir/f", why: "its directory is gone or a link" }]);
});

test("files of nested repositories are captured, and files added by force though ignored", async () => {
  using bench = new Bench({ ".gitignore": "*.log\nbuild/\n", "keep.log": "k", "build/out.js": "o", "sub/s.txt": "s" });
  bench.git("init", "-q");
  bench.git("add", "-f", "build/out.js");
  bench.git("-C", "sub", "init", "-q");
  bench.put("sub/inner/i.txt", "i");
  bench.git("-C", "sub/inner", "init", "-q");
  const before = await bench.point();
  for (const file of ["keep.log", "build/out.js", "sub/s.txt", "sub/inner/i.txt"]) bench.put(file, "changed");
  const after = await bench.point(before);
  assert.deepEqual(await bench.changes(before, after), [
    "modified build/out.js",
    "modified keep.log",
    "modified sub/inner/i.txt",
    "modified sub/s.txt",
  ]);
  await bench.undo({ before, after });
  assert.deepEqual(
    [bench.read("sub/inner/i.txt"), bench.read("build/out.js"), bench.read("keep.log")],
    ["i", "o", "k"],
  );
});

test("a session cannot hide what it added behind an ignore rule of its own", async () => {
  using bench = new Bench({ "a.txt": "a", ".gitignore": "node_modules/\n", "node_modules/x/index.js": "x" });
  const before = await bench.point();
  bench.put("planted/evil.sh", "#!");
  bench.put("planted/.gitignore", "*\n");
  bench.put("more/evil.sh", "#!");
  bench.put(".gitignore", "node_modules/\nmore/\n");
  const after = await bench.point(before);
  const changes = await bench.changes(before, after);
  assert.deepEqual(changes, [
    "modified .gitignore",
    "added more/evil.sh",
    "added planted/.gitignore",
    "added planted/evil.sh",
  ]);
  await bench.undo({ before, after });
  assert.equal(existsSync(bench.at("more")) || existsSync(bench.at("planted")), false);
});

test("a hostile .gitattributes neither converts nor runs anything, and the workspace's own git is left alone", async () => {
  using bench = new Bench({
    "a.txt": "line\r\n$Id$\r\n",
    ".gitattributes": "* text eol=lf ident filter=evil working-tree-encoding=UTF-16\n",
  });
  bench.git("init", "-q");
  const canary = join(bench.root, "ran");
  bench.git("config", "filter.evil.clean", `touch ${canary}`);
  bench.git("config", "core.fsmonitor", `touch ${canary}`);
  const index = existsSync(bench.at(".git/index"));
  const before = await bench.point();
  bench.put("a.txt", "x");
  const after = await bench.point(before);
  await bench.undo({ before, after });
  assert.equal(bench.read("a.txt"), "line\r\n$Id$\r\n");
  assert.equal(existsSync(canary), false);
  assert.equal(existsSync(bench.at(".git/index")), index);
});

test("a second capture of an unchanged tree gives the same tree and looks at no file", async () => {
  using bench = new Bench({ a: "1", "b/c": "2" });
  const first = await bench.point();
  // entries written in the same second as the index are looked at once more
  await bench.point();
  const second = await bench.point();
  assert.deepEqual([second.tree, second.modes], [first.tree, first.modes]);
});

test("what cannot be captured is listed", async () => {
  using bench = new Bench({ ".gitignore": "big.bin\n", "big.bin": "x".repeat(2 * 1024 * 1024) });
  assert.deepEqual((await bench.point()).uncaptured, [{ path: "big.bin", why: "larger than 1 MiB" }]);
});

test("undo goes on after an interruption", async () => {
  using bench = new Bench({ a: "1", b: "1" });
  const before = await bench.point();
  bench.put("a", "2");
  bench.put("b", "2");
  const after = await bench.point(before);
  // as an undo that was killed after the first rename would leave it
  bench.put("a", "1");
  const undone = await bench.undo({ before, after });
  assert.deepEqual([undone.already, undone.restored], [["a"], ["b"]]);
  assert.equal(statSync(bench.at("b")).size, 1);
});
