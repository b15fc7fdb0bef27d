// A private copy made to harm: names that mean git's own, links out of the checkout, hooks and settings, special files,
// commits that hide what files do not show. Nothing is written outside, nothing runs later that was not named.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { Fault } from "../../src/domain/fault.ts";
import { land } from "../../src/review/landing/land.ts";
import {
  accept,
  copiedGit,
  git,
  gitInCopy,
  history,
  type Laid,
  listing,
  openDesk,
  put,
  readyJournal,
  review,
  stage,
} from "./landing-desk.ts";

async function lay(files: Readonly<Record<string, string>> = {}): Promise<Laid> {
  return stage(openDesk({ "a.txt": "one\n", "src/b.ts": "b\n", "CLAUDE.md": "be kind\n", ...files }));
}

/** A directory beside the checkout that nothing may ever be written to. */
function outside(laid: Laid): string {
  const place = join(laid.root, "outside");
  mkdirSync(place);
  writeFileSync(join(place, "canary"), "untouched\n");
  return place;
}

function assertUntouched(place: string): void {
  assert.deepEqual(readdirSync(place), ["canary"]);
  assert.equal(readFileSync(join(place, "canary"), "utf8"), "untouched\n");
}

test("names some file system or git takes for a git directory never land", async () => {
  using laid = await lay();
  const names = [
    ".GIT/hooks/post-checkout",
    "git~1/config",
    ".g\u200cit/config",
    ".git /config",
    "src/.Git/config",
    ".git./config",
  ];
  for (const name of names) put(laid.tree, name, "evil\n");
  put(laid.tree, "fine", "fine\n");
  const { items, told } = await review(laid);
  assert.deepEqual(
    items.map(({ id }) => id),
    ["fine"],
  );
  for (const name of names)
    assert.ok(
      told.some(
        (text) => text.includes(name.replace(/^src\//, "").split("/")[0] ?? "") && text.includes("never lands"),
      ),
      name,
    );
  for (const name of names) assert.match(await accept(laid, [name]), /^refused: nothing called/);
  assert.equal(await accept(laid, ["all"]), "landed: fine");
  assert.deepEqual(readdirSync(laid.work).sort(), [".git", "CLAUDE.md", "a.txt", "fine", "src"]);
});

test("no write goes through a link: one in the checkout, one put there since, one the copy brings", async () => {
  using laid = await lay({ "docs/x": "x\n" });
  const place = outside(laid);
  // the copy brings a link and, by another name, what would go through it
  symlinkSync(place, join(laid.tree, "portal"));
  put(laid.tree, "docs/new", "new\n");
  put(laid.tree, "docs/x", "changed\n");
  // read by its letters it stays within; by way of the other link it does not
  mkdirSync(join(laid.tree, "deep/er"), { recursive: true });
  symlinkSync("../..", join(laid.tree, "deep/er/up"));
  symlinkSync("deep/er/up/../x", join(laid.tree, "beside"));
  const shown = await review(laid);
  for (const id of ["portal", "beside"])
    assert.equal(shown.items.find((item) => item.id === id)?.apart, "a link that leads out of the checkout", id);
  assert.equal(await accept(laid, ["portal"]), "landed: portal");
  const journal = await readyJournal(laid, ["docs"]);
  // since then somebody put a link in the directory's place
  renameSync(join(laid.work, "docs"), join(laid.root, "aside"));
  symlinkSync(place, join(laid.work, "docs"));
  const landed = await land(laid.copy, journal);
  assert.equal(landed instanceof Fault ? "fault" : landed.kind, "taken-back");
  assertUntouched(place);
  assert.match(await accept(laid, ["docs/new"]), /docs is a link in the checkout/);
  assertUntouched(place);
});

test("a link of the checkout's that the session replaced by a directory stays a link until its removal lands too", async () => {
  const desk = openDesk({ "a.txt": "one\n" });
  const place = join(desk.root, "outside");
  mkdirSync(place);
  writeFileSync(join(place, "canary"), "untouched\n");
  symlinkSync(place, join(desk.work, "docs"));
  using laid = await stage(desk);
  rmSync(join(laid.tree, "docs"));
  put(laid.tree, "docs/evil", "evil\n");
  assert.match(await accept(laid, ["docs/evil"]), /docs is a link in the checkout/);
  assertUntouched(place);
  assert.match(await accept(laid, ["all"]), /^landed: /);
  assert.equal(lstatSync(join(laid.work, "docs")).isDirectory(), true);
  assertUntouched(place);
});

test("hooks, settings and control files land only when they are named", async () => {
  using laid = await lay({ ".github/workflows/ci.yml": "on: push\n" });
  const kept = copiedGit(laid);
  put(kept, "hooks/post-checkout", "#!/bin/sh\n", 0o755);
  put(kept, "info/attributes", "* filter=x\n");
  gitInCopy(laid, ["config", "core.fsmonitor", "./evil"]);
  const control = [
    "CLAUDE.md",
    ".github/workflows/ci.yml",
    ".vscode/tasks.json",
    ".husky/pre-commit",
    "pkg/.mcp.json",
    ".gitmodules",
  ];
  for (const path of control) put(laid.tree, path, "evil\n");
  put(laid.tree, "fine", "fine\n");
  const [before, config] = [listing(laid.work), readFileSync(join(laid.work, ".git/config"), "utf8")];
  assert.equal(await accept(laid, ["all"]), "landed: fine");
  assert.match(await accept(laid, [".github", ".husky/"]), /^refused: nothing called/);
  assert.deepEqual(listing(laid.work), { ...before, fine: listing(laid.tree)["fine"] });
  assert.deepEqual(
    readdirSync(join(laid.work, ".git/hooks")).filter((name) => !name.endsWith(".sample")),
    [],
  );
  assert.equal(readFileSync(join(laid.work, ".git/config"), "utf8"), config);
  const named = [...control, ".git/hooks/post-checkout", ".git/info/attributes", ".git/config"];
  assert.match(await accept(laid, named), /^landed: /);
  assert.equal(readFileSync(join(laid.work, "CLAUDE.md"), "utf8"), "evil\n");
  assert.equal(statSync(join(laid.work, ".git/hooks/post-checkout")).mode & 0o777, 0o755);
  assert.equal(git(laid.work, ["config", "--file", ".git/config", "core.fsmonitor"]), "./evil\n");
});

test("no hook of the checkout's or the copy's runs while looking or landing", async () => {
  using laid = await lay();
  const ran = join(laid.root, "ran");
  for (const place of [join(laid.work, ".git"), copiedGit(laid)])
    for (const hook of [
      "reference-transaction",
      "post-checkout",
      "post-index-change",
      "pre-auto-gc",
      "fsmonitor-watchman",
    ])
      put(place, `hooks/${hook}`, `#!/bin/sh\necho ${hook} >>${ran}\n`, 0o755);
  for (const key of ["core.fsmonitor", "core.pager", "core.sshCommand", "diff.external", "core.alternateRefsCommand"])
    execFileSync("git", ["config", "--file", join(copiedGit(laid), "config"), key, `echo ${key} >>${ran}; false`]);
  put(laid.tree, ".gitattributes", "* filter=evil diff=evil merge=evil\n");
  put(laid.tree, "a.txt", "changed\n");
  gitInCopy(laid, ["-c", "filter.evil.clean=cat", "commit", "-q", "-a", "-m", "x"]);
  assert.equal(await accept(laid, ["a.txt", "refs/heads/main"]), "landed: a.txt refs/heads/main");
  assert.equal(existsSync(ran), false);
});

test("a branch whose commits hold a control file is apart, and one with a git directory in it never lands", async () => {
  using laid = await lay();
  put(laid.tree, ".github/workflows/ci.yml", "evil\n");
  gitInCopy(laid, ["checkout", "-q", "-b", "hidden"]);
  gitInCopy(laid, ["add", "-A"]);
  gitInCopy(laid, ["commit", "-q", "-m", "not in the tree"]);
  gitInCopy(laid, ["rm", "-q", "-r", ".github"]);
  gitInCopy(laid, ["commit", "-q", "-m", "gone again"]);
  const blob = gitInCopy(laid, ["hash-object", "-w", "a.txt"]).trim();
  const mktree = (text: string) => gitInCopy(laid, ["mktree"], text).trim();
  const tree = mktree(`040000 tree ${mktree(`100644 blob ${blob}\tconfig\n`)}\t.GIT\n`);
  const commit = gitInCopy(laid, ["commit-tree", "-m", "trick", tree]).trim();
  gitInCopy(laid, ["update-ref", "refs/heads/trick", commit]);
  const { items, conflicts } = await review(laid);
  assert.equal(items.find(({ id }) => id === "refs/heads/hidden")?.apart, "its commits hold .github/workflows/ci.yml");
  assert.match(conflicts.map(({ id, why }) => `${id}: ${why}`).join(), /refs\/heads\/trick: a commit holds a name/);
  const past = history(laid.work);
  assert.equal(await accept(laid, ["all"], { rest: true }), "landed: ");
  assert.equal(history(laid.work), past);
  assert.match(await accept(laid, ["refs/heads/hidden"]), /^landed: refs\/heads\/hidden/);
});

test("git itself refuses what our own look at the names would have missed", async () => {
  using laid = await lay();
  const { importObjects } = await import("../../src/review/landing/objects.ts");
  const blob = gitInCopy(laid, ["hash-object", "-w", "a.txt"]).trim();
  const mktree = (text: string) => gitInCopy(laid, ["mktree"], text).trim();
  const commit = gitInCopy(laid, ["commit-tree", "-m", "trick", mktree(`100644 blob ${blob}\t.git\n`)]).trim();
  const [repository] = laid.copy.repositories;
  assert.ok(repository);
  const fault = await importObjects(laid.copy, repository, [commit]);
  assert.match(fault?.message ?? "", /git does not take the commits/);
});

test("fifos, sockets and set-user-id bits do not come over", async () => {
  using laid = await lay();
  execFileSync("mkfifo", [join(laid.tree, "pipe")]);
  put(laid.tree, "tool", "#!/bin/sh\n");
  chmodSync(join(laid.tree, "tool"), 0o4755);
  const { told } = await review(laid);
  assert.ok(told.some((text) => text.startsWith("pipe does not land: ")));
  assert.equal(await accept(laid, ["all"]), "landed: tool");
  assert.equal(statSync(join(laid.work, "tool")).mode & 0o7777, 0o755);
  assert.equal(existsSync(join(laid.work, "pipe")), false);
});

test("objects and references that are links are not read", async () => {
  using laid = await lay();
  const other = openDesk({ secret: "another project's\n" });
  const tip = git(other.work, ["rev-parse", "HEAD"]).trim();
  const kept = copiedGit(laid);
  rmSync(join(kept, "objects/pack"), { recursive: true });
  symlinkSync(join(other.work, ".git/objects"), join(kept, "objects/pack"));
  put(kept, "refs/heads/stolen", `${tip}\n`);
  const linked = await review(laid);
  assert.equal(linked.items.length, 0);
  assert.match(linked.told.join(), /its branches do not land/);
  // nor where another's are only named
  rmSync(join(kept, "objects/pack"));
  mkdirSync(join(kept, "objects/pack"));
  put(kept, "objects/info/alternates", `${join(other.work, ".git/objects")}\n`);
  const named = await review(laid);
  assert.deepEqual(
    named.conflicts.map(({ why }) => why),
    ["the commit it names is not in the copy"],
  );
  other[Symbol.dispose]();
});

test("accepting is bound to what was shown: anything else is shown again", async () => {
  using laid = await lay();
  put(laid.tree, "a.txt", "shown\n");
  put(laid.tree, "same", "same\n");
  const shown = Object.fromEntries((await review(laid)).items.map(({ id, digest }) => [id, digest]));
  const before = listing(laid.work);
  put(laid.tree, "a.txt", "swapped since\n");
  assert.equal(await accept(laid, ["all"], { shown }), "changed: a.txt");
  put(laid.tree, "a.txt", "shown\n");
  put(laid.tree, "more", "never shown\n");
  assert.equal(await accept(laid, ["all"], { shown }), "changed: more");
  rmSync(join(laid.tree, "more"));
  chmodSync(join(laid.tree, "a.txt"), 0o755);
  assert.equal(await accept(laid, ["all"], { shown }), "changed: a.txt");
  assert.deepEqual(listing(laid.work), before);
  // the checkout's side is part of what was shown
  chmodSync(join(laid.tree, "a.txt"), 0o644);
  put(laid.work, "a.txt", "one\n", 0o600);
  chmodSync(join(laid.work, "a.txt"), 0o600);
  assert.match(await accept(laid, ["all"], { shown }), /^changed: a\.txt/);
  chmodSync(join(laid.work, "a.txt"), 0o644);
  assert.equal(await accept(laid, ["all"], { shown }), "landed: a.txt same");
});
