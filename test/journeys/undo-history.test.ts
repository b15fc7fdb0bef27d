// A session that did everything a person fears: taken back with branches, head and index, exactly; what it destroyed for
// good is said. Some of a file's hunks alone. Ground truth is the listing of the checkout and what git says of it.

import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { git, openStage, type Stage } from "./fault-stage.ts";
import { history, listing } from "./landing-desk.ts";

const run = (stage: Stage, script: string) => stage.ask(["run", "--", "sh", "-ec", script]);

function furnish(stage: Stage): void {
  const say = (words: readonly string[]) => git(stage.work, stage.home, words);
  writeFileSync(join(stage.work, ".gitignore"), "node_modules\n*.log\n.env\n");
  writeFileSync(join(stage.work, "moved"), "moved\n");
  say(["add", "-A"]);
  say(["commit", "-q", "-m", "second"]);
  say(["branch", "feature"]);
  say(["tag", "-a", "-m", "mark", "v1"]);
  say(["branch", "packed"]);
  say(["pack-refs", "--all"]);
  // as a person leaves it in the evening
  writeFileSync(join(stage.work, "src/a.txt"), "one\ntwo\nnot committed\n");
  writeFileSync(join(stage.work, "src/b.txt"), "staged\n");
  say(["add", "src/b.txt"]);
  writeFileSync(join(stage.work, "src/b.txt"), "staged, and more\n");
  writeFileSync(join(stage.work, "untracked"), "never added\n", { mode: 0o600 });
  chmodSync(join(stage.work, "untracked"), 0o600);
  writeFileSync(join(stage.work, ".env"), "KEY=1\n");
  mkdirSync(join(stage.work, "node_modules/p"), { recursive: true });
  writeFileSync(join(stage.work, "node_modules/p/i.js"), "1\n");
}

const wild = `
git -c user.name=t -c user.email=t@x stash -q
echo evil >>src/a.txt; rm run.sh; git mv moved "moved to"
git -c user.name=t -c user.email=t@x commit -q -a -m "the tool's"
git checkout -q -b tool; echo x >x; git add x; git -c user.name=t -c user.email=t@x commit -q -m x
git branch -q -D feature packed; git tag -d v1; git branch -f main HEAD
git reset -q --hard HEAD~1
git clean -qxdf
echo new >new
`;

/** Without the ignored directory, which is not kept. */
function kept(stage: Stage): Record<string, string> {
  return Object.fromEntries(Object.entries(listing(stage.work)).filter(([path]) => !path.startsWith("node_modules")));
}

test("edited, deleted, renamed, committed, reset, cleaned: files, branches, head and index come back exactly", async () => {
  await using stage = await openStage();
  furnish(stage);
  const [before, past] = [kept(stage), history(stage.work)];
  const { code, errors } = await run(stage, wild);
  assert.equal(code, 0, errors);
  assert.notEqual(history(stage.work), past);
  assert.equal(existsSync(join(stage.work, "untracked")), false);
  const undone = await stage.ask(["undo"]);
  assert.equal(undone.code, 0, undone.errors);
  assert.deepEqual(kept(stage), before);
  assert.equal(history(stage.work), past);
  assert.match(undone.errors, /not restored: node_modules: an ignored directory, which is not kept/);
  assert.match(undone.output, /put back {2}refs\/heads\/feature\n/);
  assert.match(undone.output, /put back {2}index\n/);
  git(stage.work, stage.home, ["fsck", "--strict"]);
  assert.equal((await stage.ask(["undo"])).output, "nothing to take back\n");
});

test("a branch a person moved since is a conflict, and what the session destroyed for good is said", async () => {
  await using stage = await openStage();
  git(stage.work, stage.home, ["branch", "feature"]);
  const lone = "git checkout -q --orphan lone; git -c user.name=t -c user.email=t@x commit -q -m lone";
  git(stage.work, stage.home, ["checkout", "-q", "-b", "side"]);
  writeFileSync(join(stage.work, "only"), "only here\n");
  git(stage.work, stage.home, ["add", "only"]);
  git(stage.work, stage.home, ["commit", "-q", "-m", "only here"]);
  git(stage.work, stage.home, ["checkout", "-q", "main"]);
  await run(
    stage,
    `${lone}; git branch -q -D side; rm -rf .git/logs; git gc -q --prune=now; git branch -f feature HEAD`,
  );
  git(stage.work, stage.home, ["branch", "-f", "feature", "main"]);
  git(stage.work, stage.home, [
    "update-ref",
    "refs/heads/main",
    git(stage.work, stage.home, ["rev-parse", "lone"]).trim(),
  ]);
  const refused = await stage.ask(["undo"]);
  assert.equal(refused.code, 1);
  assert.match(refused.errors, /refs\/heads\/main changed after the session ended/);
  assert.match(refused.errors, /not restored: refs\/heads\/side: the session destroyed its commit/);
  const rest = await stage.ask(["undo", "--rest"]);
  assert.match(rest.output, /put back {2}HEAD/);
  assert.equal(readFileSync(join(stage.work, ".git/HEAD"), "utf8"), "ref: refs/heads/main\n");
});

test("no reference is written through a link: the session's is put away, another is refused", async () => {
  await using stage = await openStage();
  const outside = join(stage.base, "outside");
  mkdirSync(outside);
  git(stage.work, stage.home, ["branch", "deep/one"]);
  const [deep, logs] = [join(stage.work, ".git/refs/heads/deep"), join(stage.work, ".git/logs/refs")];
  await run(stage, `git branch -q -D deep/one; rm -rf ${deep}; ln -s ${outside} ${deep}`);
  assert.equal(existsSync(deep), false);
  symlinkSync(outside, deep);
  const undone = await stage.ask(["undo"]);
  assert.equal(undone.code, 1);
  assert.match(undone.errors, /is a link, or lies behind one/);
  rmSync(deep);
  assert.equal((await stage.ask(["undo"])).code, 0);
  assert.equal(
    git(stage.work, stage.home, ["rev-parse", "deep/one"]),
    git(stage.work, stage.home, ["rev-parse", "main"]),
  );
  await run(stage, `git branch -q -D deep/one; rm -rf ${logs}; ln -s ${outside} ${logs}`);
  assert.equal(existsSync(logs), false);
  symlinkSync(outside, logs);
  assert.match((await stage.ask(["undo"])).errors, /logs\/refs.* is a link, or lies behind one/);
  assert.deepEqual(listing(outside), {});
});

test("some hunks of a file are taken back, the others and a person's own edits stay", async () => {
  await using stage = await openStage();
  const lines = (edits: Readonly<Record<number, string>>) =>
    Array.from({ length: 60 }, (_, at) => `${edits[at] ?? `line ${at}`}\n`).join("");
  const file = join(stage.work, "long");
  writeFileSync(file, lines({}));
  await run(stage, "sed -i 's/^line 3$/three/; s/^line 30$/thirty/; s/^line 55$/last/' long");
  writeFileSync(file, lines({ 3: "three", 30: "thirty", 55: "last", 15: "the person's" }));
  const shown = await stage.ask(["review"]);
  assert.match(shown.output, /#2 {2}@@ -28,7 \+28,7 @@/);
  const undone = await stage.ask(["undo", "long#2"]);
  assert.equal(undone.output, "restored  long#2\n", undone.errors);
  assert.equal(readFileSync(file, "utf8"), lines({ 3: "three", 55: "last", 15: "the person's" }));
  assert.equal((await stage.ask(["undo", "long#1,3"])).code, 0);
  assert.equal(readFileSync(file, "utf8"), lines({ 15: "the person's" }));
  assert.equal((await stage.ask(["undo", "long#2"])).output, "nothing to take back\n");
  const wrong = await stage.ask(["undo", "long#9"]);
  assert.equal(wrong.code, 1);
  assert.match(wrong.errors, /it has hunks 1 to 3/);
});
