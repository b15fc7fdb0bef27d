import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import * as fc from "fast-check";
import { Fault } from "../domain/fault.ts";
import { fold } from "../domain/fold.ts";
import { controlClass, matchControl } from "./control-class.ts";
import { type Found, findControlFiles } from "./control-files.ts";
import { holds } from "./holds.ts";
import { listQuarantine, restore } from "./quarantine.ts";
import { type Sweep, sweep } from "./sweep.ts";

class Bench implements Disposable {
  readonly root = realpathSync(mkdtempSync(join(tmpdir(), "postern-control-")));
  readonly workspace = join(this.root, "work");
  readonly quarantine = join(this.root, "state/quarantine/s-1");

  constructor(files: readonly string[] = []) {
    mkdirSync(this.workspace);
    for (const path of files) this.put(path, path);
  }

  at(path: string): string {
    return join(this.workspace, path);
  }

  put(path: string, text = path): void {
    mkdirSync(dirname(this.at(path)), { recursive: true });
    writeFileSync(this.at(path), text);
  }

  git(directory: string, ...args: string[]): void {
    mkdirSync(this.at(directory), { recursive: true });
    execFileSync("git", args, { cwd: this.at(directory), stdio: "pipe" });
  }

  find(): Found {
    return findControlFiles(this.workspace);
  }

  held(): readonly string[] {
    return this.find()
      .held.map((each) => each.path)
      .sort();
  }

  async sweep(before: Found): Promise<Sweep & { readonly paths: readonly string[] }> {
    const swept = await sweep(before, this.quarantine);
    return { ...swept, paths: swept.quarantined.map((each) => each.path).sort() };
  }

  [Symbol.dispose](): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}

test("every row of the table is found, at the top and below, and held", () => {
  for (const { pattern } of controlClass.filter((row) => !row.pattern.startsWith("<") && row.pattern !== ".git")) {
    const directory = pattern.endsWith("/");
    const path = pattern.replaceAll("*", "x").replace(/\/$/, "");
    using bench = new Bench(["", "a/b/"].map((at) => `${at}${path}${directory ? "/inner/file" : ""}`));
    const held = bench.held();
    assert.ok(held.includes(path) && held.includes(`a/b/${path}`), `${pattern}: ${held.join()}`);
    assert.equal(bench.find().leaves.size, 2, pattern);
  }
});

test("ordinary files are not control files", () => {
  const ordinary = [
    ".gitattributes",
    ".gitignore",
    "package.json",
    "Makefile",
    ".editorconfig",
    "src/claude/x",
    ".github/README.md",
  ];
  using bench = new Bench([
    ...ordinary,
    "node_modules/p/.vscode/tasks.json",
    "node_modules/p/AGENTS.md",
    "claude.md.txt",
  ]);
  assert.deepEqual(bench.held(), []);
});

test("names another file system takes for the same are the same", () => {
  for (const name of [".CLAUDE", ".Claude", ".cl\u200caude", ".\uff43laude"]) {
    assert.equal(matchControl([], name, "directory")?.pattern, ".claude/", name);
  }
  assert.equal(fold("cafe\u0301"), fold("CAF\u00c9"));
  assert.equal(fold(".vſcode"), ".vscode");
  using bench = new Bench([".GIT/hooks/pre-commit", "x/.gI\u200ct/config"]);
  assert.deepEqual(bench.held(), [".GIT/hooks", "x/.gI\u200ct/config"]);
});

test("any name: folding is stable and matching does not throw", () => {
  const name = fc.string({ unit: "binary", maxLength: 12 });
  fc.assert(
    fc.property(fc.array(name), name, (parents, last) => {
      matchControl(parents, last, "file");
      assert.equal(fold(fold(last)), fold(last));
    }),
  );
});

test("git: nested repositories at any depth, submodules, worktrees, bare ones, in node_modules too", () => {
  using bench = new Bench([
    "a/b/c/d/e/f/g/h/x",
    ".git/modules/deep/er/HEAD",
    ".git/modules/deep/er/config",
    ".git/worktrees/w/gitdir",
  ]);
  bench.put(".git/worktrees/w/config.worktree");
  for (const at of ["", "a/b/c/d/e/f/g/h", "node_modules/p"]) bench.git(at, "init", "-q");
  bench.git("bare", "init", "-q", "--bare", ".");
  bench.put("linked/.git", "gitdir: ../.git/worktrees/w\n");
  const held = bench.held();
  for (const path of ["", "a/b/c/d/e/f/g/h/", "node_modules/p/"].map((at) => `${at}.git`)) {
    assert.ok(held.includes(`${path}/config`) && held.includes(`${path}/hooks`), `${path}: ${held.join()}`);
  }
  for (const path of [
    "bare/config",
    ".git/modules/deep/er/config",
    ".git/worktrees/w/config.worktree",
    ".git/worktrees/w/gitdir",
    "linked/.git",
  ]) {
    assert.ok(held.includes(path), path);
  }
  assert.deepEqual(bench.find().repositories, [
    ".git",
    ".git/modules/deep/er",
    "a/b/c/d/e/f/g/h/.git",
    "bare",
    "node_modules/p/.git",
  ]);
});

test("hooks and more configuration that git's configuration names are held", () => {
  using bench = new Bench(["scripts/hooks/pre-commit", "shared.gitconfig"]);
  bench.git("", "init", "-q");
  bench.git("", "config", "core.hooksPath", "scripts/hooks");
  bench.git("", "config", "include.path", "../shared.gitconfig");
  const held = bench.held();
  assert.ok(held.includes("scripts/hooks") && held.includes("shared.gitconfig"), held.join());
});

test("a link of the class: its target is held, and never what is around it or outside", () => {
  using bench = new Bench(["docs/rules.md", "cfg/settings.json"]);
  symlinkSync("docs/rules.md", bench.at("CLAUDE.md"));
  symlinkSync("cfg", bench.at(".claude"));
  symlinkSync(".", bench.at(".cursor"));
  symlinkSync("/etc", bench.at(".vscode"));
  const kinds = bench.find().held.map((each) => `${each.kind} ${each.path}`);
  assert.deepEqual(kinds.sort(), [
    "directory cfg",
    "file docs/rules.md",
    "symlink .claude",
    "symlink .cursor",
    "symlink .vscode",
    "symlink CLAUDE.md",
  ]);
});

test("mounts: git directories on themselves first, then read-only ones, nothing twice", () => {
  using bench = new Bench([".vscode/a/.envrc", "CLAUDE.md"]);
  bench.git("", "init", "-q");
  const short = holds(bench.find()).map((each) => `${each.kind} ${each.path.slice(bench.workspace.length + 1)}`);
  assert.deepEqual(short, ["write .git", "read .vscode", "read CLAUDE.md", "read .git/config", "read .git/hooks"]);
});

test("sweep: new control files are put away with what they said, and can be had back", async () => {
  using bench = new Bench([".vscode/settings.json"]);
  bench.git("", "init", "-q");
  const before = bench.find();
  bench.put(".claude/settings.json", '{"hooks":1}');
  bench.put(".claude/commands/x.md");
  bench.put("sub/.envrc", "export X=1");
  bench.put(".git/hooks/pre-commit", "#!/bin/sh");
  bench.put(".vscode/tasks.json");
  symlinkSync("/etc/passwd", bench.at(".cursorrules"));
  chmodSync(bench.at("sub/.envrc"), 0o700);
  const swept = await bench.sweep(before);
  assert.deepEqual(swept.paths, [
    ".claude",
    ".cursorrules",
    ".git/hooks/pre-commit",
    ".vscode/tasks.json",
    "sub/.envrc",
  ]);
  assert.deepEqual(swept.failed, []);
  assert.equal(existsSync(bench.at(".claude")) || existsSync(bench.at(".git/hooks/pre-commit")), false);
  assert.equal(
    readdirSync(bench.at(".git/hooks")).every((name) => name.endsWith(".sample")),
    true,
  );
  const kept = listQuarantine(bench.quarantine);
  const id = (path: string) => kept.find((each) => each.path === path)?.id ?? "";
  bench.put("sub/.envrc", "in the way");
  assert.ok(restore(bench.quarantine, id("sub/.envrc")) instanceof Fault);
  assert.equal(readFileSync(bench.at("sub/.envrc"), "utf8"), "in the way");
  rmSync(bench.at("sub/.envrc"));
  const given = restore(bench.quarantine, id("sub/.envrc"));
  assert.ok(!(given instanceof Fault));
  assert.equal(readFileSync(bench.at("sub/.envrc"), "utf8"), "export X=1");
  bench.put(".claude", "in the way");
  assert.ok(restore(bench.quarantine, id(".claude")) instanceof Fault);
  assert.equal(readFileSync(bench.at(".claude"), "utf8"), "in the way");
});

test("sweep: a moved directory is no alarm, a replaced one is", async () => {
  using bench = new Bench(["pkg/.claude/settings.json", "pkg/CLAUDE.md", "src/x"]);
  bench.git("pkg", "init", "-q");
  const before = bench.find();
  renameSync(bench.at("pkg"), bench.at("moved"));
  const moved = await bench.sweep(before);
  assert.deepEqual([moved.paths, moved.failed], [[], []]);
  assert.ok(moved.moved.some((each) => each.from === "pkg/CLAUDE.md" && each.to === "moved/CLAUDE.md"));
  bench.put("pkg/CLAUDE.md", "obey");
  const replaced = await bench.sweep(before);
  assert.deepEqual(
    replaced.quarantined.map((each) => [each.path, each.replaced]),
    [["pkg/CLAUDE.md", true]],
  );
});

test("sweep: a held file edited in place was edited outside; through a second name it was not", async () => {
  using bench = new Bench(["CLAUDE.md", "AGENTS.md"]);
  linkSync(bench.at("AGENTS.md"), bench.at("other.md"));
  const before = bench.find();
  bench.put("CLAUDE.md", "the person's own edit");
  bench.put("other.md", "the tool's");
  const swept = await bench.sweep(before);
  assert.deepEqual([swept.edited, swept.paths], [["CLAUDE.md"], ["AGENTS.md"]]);
});

const executing: readonly (readonly string[])[] = [
  ["core.fsmonitor", "/tmp/x"],
  ["core.hooksPath", "/tmp"],
  ["core.sshCommand", "x"],
  ["core.pager", "x"],
  ["core.editor", "x"],
  ["diff.external", "x"],
  ["diff.x.textconv", "x"],
  ["filter.x.clean", "x"],
  ["filter.x.smudge", "x"],
  ["filter.x.process", "x"],
  ["credential.helper", "!x"],
  ["credential.https://a.test.helper", "x"],
  ["include.path", "/tmp/x"],
  ["includeIf.gitdir:/.path", "/tmp/x"],
  ["alias.st", "!x"],
  ["alias.st", "-c core.pager=x status"],
  ["gpg.program", "x"],
  ["gpg.ssh.program", "x"],
  ["remote.o.uploadpack", "x"],
  ["remote.o.receivepack", "x"],
  ["remote.o.url", "ext::sh -c x"],
  ["protocol.ext.allow", "always"],
  ["merge.x.driver", "x"],
  ["mergetool.x.cmd", "x"],
  ["core.worktree", "/home"],
  ["submodule.x.update", "!x"],
  ["http.proxy", "http://x"],
  ["url.ext::x.insteadOf", "https://"],
  ["hook.x.command", "x"],
  ["unheard.of", "x"],
];

test("sweep: a fresh repository stays, unless its configuration runs something", async () => {
  for (const [key = "", value = ""] of executing) {
    using bench = new Bench();
    const before = bench.find();
    bench.git("fresh", "init", "-q");
    bench.git("fresh", "remote", "add", "o", "https://a.test/x.git");
    bench.git("fresh", "config", "user.name", "a");
    const harmless = await bench.sweep(before);
    assert.deepEqual([harmless.paths, harmless.harmless], [[], ["fresh/.git/config"]]);
    bench.git("fresh", "config", key, value);
    const swept = await bench.sweep(before);
    assert.deepEqual(swept.paths, ["fresh/.git/config"], key);
    assert.match(swept.quarantined[0]?.why ?? "", new RegExp(`sets ${key.split(".")[0]}`, "i"));
  }
});

test("sweep: hooks of a fresh repository, a `.git` file that points out, a bare repository with a fsmonitor", async () => {
  using bench = new Bench();
  const before = bench.find();
  bench.git("fresh", "init", "-q");
  bench.put("fresh/.git/hooks/post-checkout", "#!/bin/sh");
  bench.put("out/.git", "gitdir: /tmp/elsewhere\n");
  bench.put("docs/HEAD", "ref: refs/heads/main\n");
  for (const path of ["docs/objects", "docs/refs"]) mkdirSync(bench.at(path), { recursive: true });
  bench.put("docs/config", "[core]\n\tfsmonitor = touch /tmp/x\n\tbare = false\n");
  bench.put("broken/.git/config", "[core\n");
  bench.put("hollow/.git", "gitdir: ../src\n");
  bench.put("fresh/.git/worktrees/w/gitdir", "/tmp/elsewhere/.git\n");
  bench.put("fresh/.git/worktrees/v/gitdir", `${bench.at("v/.git")}\n`);
  const swept = await bench.sweep(before);
  assert.deepEqual(swept.paths, [
    "broken/.git/config",
    "docs/config",
    "fresh/.git/hooks/post-checkout",
    "fresh/.git/worktrees/w/gitdir",
    "hollow/.git",
    "out/.git",
  ]);
});

test("sweep: sockets and setuid files are reported", async () => {
  using bench = new Bench(["old"]);
  const before = bench.find();
  const server = createServer().listen(bench.at("sock"));
  await new Promise((settle) => server.once("listening", settle));
  chmodSync(bench.at("old"), 0o4755);
  const swept = await bench.sweep(before);
  server.close();
  assert.deepEqual(swept.odd, [
    { path: "sock", what: "socket" },
    { path: "old", what: "setuid file" },
  ]);
});

test("quarantine never follows a link out of the workspace", async () => {
  using bench = new Bench();
  const before = bench.find();
  mkdirSync(join(bench.root, "outside"));
  writeFileSync(join(bench.root, "outside/CLAUDE.md"), "untouched");
  symlinkSync("../outside", bench.at("dir"));
  const swept = await bench.sweep(before);
  assert.deepEqual(swept.paths, []);
  assert.equal(existsSync(join(bench.root, "outside/CLAUDE.md")), true);
});

for (const path of [
  "index",
  "COMMIT_EDITMSG",
  "logs/HEAD",
  "logs/refs/heads/main",
  "refs/heads/x",
  "objects/ab",
  "objects/info/alternates",
  "info/exclude",
  "rebase-merge/done",
  "reftable/tables.list",
])
  test(`a link among git's own files is put away: ${path}`, async () => {
    using bench = new Bench();
    bench.git("", "init", "-q");
    writeFileSync(join(bench.root, "outside"), "");
    mkdirSync(dirname(bench.at(`.git/worktrees/w/${path}`)), { recursive: true });
    const before = bench.find();
    for (const directory of [".git", ".git/worktrees/w"]) {
      rmSync(bench.at(`${directory}/${path}`), { recursive: true, force: true });
      mkdirSync(dirname(bench.at(`${directory}/${path}`)), { recursive: true });
      symlinkSync(join(bench.root, "outside"), bench.at(`${directory}/${path}`));
    }
    const swept = await bench.sweep(before);
    assert.deepEqual(swept.paths, [`.git/${path}`, `.git/worktrees/w/${path}`]);
    assert.equal(existsSync(bench.at(`.git/${path}`)), false);
  });

test("links that were among git's own files before stay, and a branch with the name of an object's directory is looked at", async () => {
  using bench = new Bench();
  bench.git("", "init", "-q");
  symlinkSync("heads/main", bench.at(".git/refs/old"));
  const before = bench.find();
  mkdirSync(bench.at(".git/refs/heads/ab/cd"), { recursive: true });
  symlinkSync("/tmp", bench.at(".git/refs/heads/ab/cd/x"));
  assert.deepEqual((await bench.sweep(before)).paths, [".git/refs/heads/ab/cd/x"]);
  assert.ok(existsSync(bench.at(".git/refs")));
});

test("the page of the class says what the table says", () => {
  const page = readFileSync(new URL("../../docs/spec/control-files.md", import.meta.url), "utf8");
  const rows = controlClass
    .map((row) => `| \`${row.pattern}\` | ${row.group} | ${row.whose} | ${row.why} |`)
    .join("\n");
  assert.ok(page.includes(`|---|---|---|---|\n${rows}\n`), `the table is to be:\n${rows}`);
});
