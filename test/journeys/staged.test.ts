// A staged session from the command line: the tool works as in the checkout, git and all; the checkout has none of it until
// a person has looked and said so; and that is on the record.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { git, openStage, parseLines, readLog, type Stage, until } from "./fault-stage.ts";
import { history, listing } from "./landing-desk.ts";

const who = "git config user.name tool; git config user.email tool@example.org\n";

const run = (stage: Stage, script: string, words: readonly string[] = []) =>
  stage.ask(["run", "--edits", "staged", ...words, "--", "sh", "-ec", script]);

function state(stage: Stage): string {
  return JSON.stringify([listing(stage.work), history(stage.work), listing(join(stage.work, ".git"))]);
}

/** Where the copy of the only session lies. */
function treeOf(stage: Stage): string {
  const [name = ""] = readdirSync(join(stage.state, "staged")).filter((each) => each.startsWith("s-"));
  return join(stage.state, "staged", name, "tree");
}

test("git works inside as usual, the checkout is not touched, and lands what was accepted", async () => {
  await using stage = await openStage();
  writeFileSync(join(stage.work, ".gitignore"), "node_modules\n");
  mkdirSync(join(stage.work, "node_modules/p"), { recursive: true });
  writeFileSync(join(stage.work, "node_modules/p/index.js"), "1\n");
  writeFileSync(join(stage.work, ".git/hooks/pre-commit"), "#!/bin/sh\necho ran >>hook-ran\n", { mode: 0o755 });
  git(stage.work, stage.home, ["branch", "upstream"]);
  const before = state(stage);
  const script = `${who}
    test "$(git status --porcelain)" = "?? .gitignore"
    echo 2 >node_modules/p/index.js
    git switch -q -c feature --track upstream
    echo three >>src/a.txt; git commit -q -a -m second
    git worktree add -q ../${stage.work.split("/").at(-1)}/wt -b side; rm -r wt; git worktree prune
    git stash list; git rebase -q upstream; git gc -q; git fsck
    git config --get branch.feature.merge
    git switch -q main; git merge -q feature
    mkdir -p .github/workflows; echo evil >.github/workflows/ci.yml
    printf '#!/bin/sh\\n' >.git/hooks/post-merge
    if echo evil >.git/objects/lent/evil; then echo >objects-writable; fi
    pwd >where`;
  const { code, errors } = await run(stage, script);
  assert.equal(code, 0, errors);
  assert.equal(state(stage), before);
  assert.equal(existsSync(join(stage.work, ".git/objects/lent")), false);
  const tree = treeOf(stage);
  assert.match(errors, new RegExp(`the edits are in ${tree} until postern review`));
  assert.equal(readFileSync(join(tree, "where"), "utf8"), `${stage.work}\n`);
  assert.equal(readFileSync(join(tree, "hook-ran"), "utf8"), "ran\n", "the project's own hook runs inside");
  assert.equal(existsSync(join(tree, "objects-writable")), false);
  const shown = await stage.ask(["review", "--json"]);
  const items = parseLines(shown.output) as unknown as { kind: string; id: string; apart?: string | null }[];
  const plain = items.filter((item) => item.apart === null).map(({ id }) => id);
  assert.deepEqual(plain, [
    "hook-ran",
    "src/a.txt",
    "where",
    "refs/heads/feature",
    "refs/heads/main",
    "refs/heads/side",
  ]);
  const apart = items.filter((item) => typeof item.apart === "string").map(({ id }) => id);
  assert.deepEqual(apart, [".github/workflows/ci.yml", ".git/config", ".git/hooks/post-merge"]);
  const landed = await stage.ask(["review", "--accept", "src/a.txt", "refs/heads/main", "refs/heads/feature"]);
  assert.equal(landed.code, 0, landed.errors);
  assert.equal(git(stage.work, stage.home, ["log", "--format=%s", "main"]), "second\nfirst\n");
  assert.equal(git(stage.work, stage.home, ["status", "--porcelain"]), "?? .gitignore\n");
  assert.deepEqual(
    readdirSync(join(stage.work, ".git/hooks")).filter((name) => !name.endsWith(".sample")),
    ["pre-commit"],
  );
  assert.equal(readFileSync(join(stage.work, "node_modules/p/index.js"), "utf8"), "1\n");
  const entries = await readLog(stage, ["--kind", "landing"]);
  assert.deepEqual(
    entries.map(({ sealed }) => sealed?.["step"]),
    ["begun", "landed"],
  );
  assert.deepEqual(entries[0]?.sealed?.["accepted"], ["src/a.txt", "refs/heads/feature", "refs/heads/main"]);
  assert.match((await stage.ask(["verify"])).output, /^verified: /);
});

test("nothing lands that was not shown, or is no longer what was shown", async () => {
  await using stage = await openStage();
  await run(stage, "echo tool >>src/a.txt");
  const before = listing(stage.work);
  const unseen = await stage.ask(["review", "--accept", "all"]);
  assert.equal(unseen.code, 1);
  assert.match(unseen.output, /\+tool/);
  assert.match(unseen.errors, /nothing has landed: it was not shown before/);
  writeFileSync(join(treeOf(stage), "src/a.txt"), "somebody else's\n");
  const swapped = await stage.ask(["review", "--accept", "all"]);
  assert.equal(swapped.code, 1);
  assert.match(swapped.output, /\+somebody else's/);
  assert.match(swapped.errors, /1 of it changed since it was shown/);
  assert.deepEqual(listing(stage.work), before);
  const other = await stage.ask(["review", "--accept", "all", "--shown", "0123456789abcdef"]);
  assert.equal(other.code, 1);
  assert.equal((await stage.ask(["review", "--accept", "all"])).code, 0);
  assert.equal(readFileSync(join(stage.work, "src/a.txt"), "utf8"), "somebody else's\n");
  assert.deepEqual(
    readdirSync(join(stage.state, "staged")).filter((name) => name.startsWith("s-")),
    [],
    "an empty copy goes",
  );
});

test("names and contents that would steer a terminal are spelled out, and can be named so", async () => {
  await using stage = await openStage();
  await run(stage, String.raw`printf '\033[2J\033]0;owned\007\342\200\256x\377\n' >"$(printf 'a\033[31mb')"`);
  const { output } = await stage.ask(["review"]);
  assert.doesNotMatch(output, /[\u001b\u0007\u202e]/);
  assert.match(output, /a\\x1b\[31mb {2}added/);
  const landed = await stage.ask(["review", "--accept", String.raw`a\x1b[31mb`]);
  assert.equal(landed.code, 0, landed.errors);
  assert.ok(readdirSync(stage.work).includes("a\u001b[31mb"));
});

test("what landed is taken back by the session's name; a copy can be thrown away", async () => {
  await using stage = await openStage();
  const before = listing(stage.work);
  await run(stage, "echo x >>src/a.txt; echo new >new; rm src/b.txt");
  await stage.ask(["review"]);
  assert.equal((await stage.ask(["review", "--accept", "src/a.txt"])).code, 0);
  await stage.ask(["review"]);
  const landed = await stage.ask(["review", "--accept", "all"]);
  const [, session = ""] = /postern undo (s-\w+)/.exec(landed.output) ?? [];
  assert.equal((await stage.ask(["undo", session])).code, 0);
  assert.deepEqual(listing(stage.work), before);
  await run(stage, "echo y >y");
  assert.match((await stage.ask(["review", "--discard"])).output, /thrown away/);
  assert.equal((await stage.ask(["review", "--accept", "all"])).code, 1);
  assert.deepEqual(listing(stage.work), before);
});

test("a session that was killed leaves a copy that can be reviewed; one that runs does not", async () => {
  await using stage = await openStage();
  const running = stage.start([
    "run",
    "--edits",
    "staged",
    "--",
    "sh",
    "-ec",
    "echo half >half; echo >done; exec sleep 1000",
  ]);
  await until(
    "the tool has done its work",
    () => existsSync(join(stage.state, "staged")) && existsSync(join(treeOf(stage), "done")),
  );
  const early = await stage.ask(["review"]);
  assert.equal(early.code, 1);
  assert.match(early.errors, /may still be running/);
  running.child.kill("SIGKILL");
  await running.told;
  await stage.ask(["review"]);
  assert.equal((await stage.ask(["review", "--accept", "half"])).code, 0);
  assert.equal(readFileSync(join(stage.work, "half"), "utf8"), "half\n");
});

test("a directory that is no repository, a linked worktree, and the policy's word for it", async () => {
  await using stage = await openStage();
  const plain = join(stage.base, "plain");
  mkdirSync(plain);
  writeFileSync(join(plain, "file"), "one\n");
  writeFileSync(stage.policy, JSON.stringify({ version: 1, edits: "staged" }));
  const words = ["run", "--policy", stage.policy, "--", "sh", "-ec"];
  await stage.ask(
    [...words, "echo two >>file; git init -q .; git -c user.name=a -c user.email=b commit -q --allow-empty -m x"],
    { at: plain },
  );
  assert.equal(readFileSync(join(plain, "file"), "utf8"), "one\n");
  assert.match(
    (await stage.ask(["review"], { at: plain })).output,
    /a new repository: its files land, its history does not/,
  );
  assert.equal((await stage.ask(["review", "--accept", "all"], { at: plain })).code, 0);
  assert.deepEqual(listing(plain), { file: listing(plain)["file"] });
  assert.equal(readFileSync(join(plain, "file"), "utf8"), "one\ntwo\n");

  const linked = join(stage.base, "linked");
  git(stage.work, stage.home, ["worktree", "add", "-q", linked, "-b", "linked"]);
  const ran = await stage.ask(
    [...words, `${who} echo w >w; git add w; git commit -q -m "in the worktree"; git log --format=%s >said`],
    { at: linked },
  );
  assert.equal(ran.code, 0, ran.errors);
  await stage.ask(["review"], { at: linked });
  const landed = await stage.ask(["review", "--accept", "w", "refs/heads/linked"], { at: linked });
  assert.equal(landed.code, 0, landed.errors);
  assert.equal(git(linked, stage.home, ["log", "--format=%s"]), "in the worktree\nfirst\n");
  assert.equal(git(linked, stage.home, ["status", "--porcelain"]), "");
  assert.equal(execFileSync("git", ["-C", stage.work, "status", "--porcelain"], { encoding: "utf8" }), "");
});

test("a landing killed in the middle is taken to its end by the next run, and says so", async () => {
  await using stage = await openStage();
  const many = 400;
  await run(
    stage,
    `${who} for at in $(seq ${many}); do echo $at >many-$at; done; git add -A; git commit -q -m many; rm src/b.txt`,
  );
  const wanted = listing(treeOf(stage));
  await stage.ask(["review", "--json"]);
  const [name = ""] = readdirSync(join(stage.state, "staged")).filter((each) => each.startsWith("s-"));
  const journal = join(stage.state, "staged", name, "landing.json");
  const landing = stage.start(["review", "--accept", "all"]);
  await until("it lands", () => existsSync(journal) || landing.child.exitCode !== null);
  landing.child.kill("SIGKILL");
  assert.equal((await landing.told).code, 137, "it was in the middle");
  assert.equal(existsSync(journal), true);
  const next = await stage.ask(["run", "--", "true"]);
  assert.equal(next.code, 0, next.errors);
  assert.match(next.errors, /the landing of session s-\w+ was cut short; it is complete now/);
  assert.deepEqual(listing(stage.work), wanted);
  assert.equal(git(stage.work, stage.home, ["log", "--format=%s"]), "many\nfirst\n");
  assert.equal(git(stage.work, stage.home, ["status", "--porcelain"]), " D src/b.txt\n");
  const steps = (await readLog(stage, ["--kind", "landing"])).map(({ sealed }) => sealed?.["step"]);
  assert.deepEqual(steps, ["begun", "landed"]);
});
