// Who tries to change a control file that is held is on the record, however it is tried, and ordinary work is not. The files
// are looked at from outside, the attempts in the record.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { type Logged, Stage } from "./stage.ts";

const files = {
  "CLAUDE.md": "be kind\n",
  ".vscode/settings.json": "{}\n",
  ".github/workflows/ci.yml": "on: push\n",
  "deep/AGENTS.md": "be kind\n",
  "README.md": "a checkout\n",
};

const attempts = (log: readonly Logged[]): readonly Logged[] =>
  log.filter(({ kind, sealed }) => kind === "control-file" && sealed["call"] !== undefined);

/** Each line tries by itself, and may fail. */
const ways: readonly (readonly [line: string, call: RegExp, path: string])[] = [
  ["echo evil > CLAUDE.md", /^open/, "CLAUDE.md"],
  ["cd .vscode && echo evil >> settings.json; cd ..", /^open/, ".vscode/settings.json"],
  ["ln -s .github/workflows way; echo evil > way/ci.yml", /^open/, ".github/workflows/ci.yml"],
  ["echo evil > /proc/self/cwd/.git/hooks/pre-push", /^open/, ".git/hooks/pre-push"],
  ["echo evil > .git/../.git/hooks/../hooks/post-merge", /^open/, ".git/hooks/post-merge"],
  ["mv .git away", /^rename/, ".git"],
  ["mv -f README.md CLAUDE.md", /^rename/, "CLAUDE.md"],
  ["rm -f .github/workflows/ci.yml", /^unlink/, ".github/workflows/ci.yml"],
  ["ln CLAUDE.md second", /^link/, "CLAUDE.md"],
  ["chmod 777 CLAUDE.md", /chmod/, "CLAUDE.md"],
  ["truncate -s 0 .vscode/settings.json", /^open|truncate/, ".vscode/settings.json"],
  ["mkdir .vscode/more", /^mkdir/, ".vscode/more"],
  ["mv .github gh", /^rename/, ".github"],
  ["mv deep dp && echo evil > dp/AGENTS.md; mv dp deep", /^open/, "dp/AGENTS.md"],
  ["ln -s /nowhere .git/hooks/update", /^symlink/, ".git/hooks/update"],
  ["python3 -c 'import os; os.open(\"CLAUDE.md\", os.O_RDWR)'", /^open/, "CLAUDE.md"],
];

test("real boundary: each attempt at what is held is on the record, with who made it (needs namespaces)", {
  timeout: 60_000,
}, async () => {
  using stage = new Stage({ git: true, files });
  const before = Object.keys(files).map((path) => readFileSync(join(stage.work, path), "utf8"));
  const ran = await stage.run(["bash", "-c", ways.map(([line]) => `(${line}) 2>/dev/null`).join("\n")]);
  assert.deepEqual(
    Object.keys(files).map((path) => readFileSync(join(stage.work, path), "utf8")),
    before,
  );
  const log = attempts(await stage.log());
  const proc = ran.summary?.lacks.includes("proc") !== true;
  for (const [line, call, path] of ways.filter((way) => proc || !way[0].includes("/proc/")))
    assert.ok(
      log.some(
        ({ verdict, sealed }) => verdict === "refuse" && sealed["path"] === path && call.test(String(sealed["call"])),
      ),
      `${line}: ${JSON.stringify(log.map(({ sealed }) => [sealed["call"], sealed["path"]]))}`,
    );
  const removed = log.find(
    ({ sealed }) => sealed["path"] === ".github/workflows/ci.yml" && /unlink/.test(String(sealed["call"])),
  );
  assert.match(JSON.stringify(removed?.sealed["process"]), /"pid":\d+,"executable":"[^"]*\/rm"/);
  assert.equal(ran.summary?.files.attempts, log.length);
  assert.ok(ran.summary.files.firstAttempt?.endsWith("CLAUDE.md"));
  assert.match(ran.errors, /held \d+ attempts at what is held: CLAUDE\.md/);
});

const ordinary = `set -e
git config user.name person; git config user.email person@example.org
cat CLAUDE.md .vscode/settings.json .git/config > /dev/null
mkdir -p .vscode .github/workflows; test -w CLAUDE.md || true
echo more >> README.md; git add -A; git commit -qm more
git switch -qc other; echo x > x; git add x; git commit -qm x; git switch -q main; git merge -q other
git worktree add -q ../work/tree -b side; git worktree remove tree; git stash list; git gc -q; git status --short
`;

test("real boundary: ordinary work with git is no attempt (needs namespaces)", { timeout: 60_000 }, async () => {
  using stage = new Stage({ git: true, files });
  const ran = await stage.run(["bash", "-c", ordinary]);
  assert.equal(ran.code, 0, ran.errors);
  assert.deepEqual(
    attempts(await stage.log()).map(({ sealed }) => [sealed["call"], sealed["path"], sealed["process"]]),
    [],
  );
  assert.equal(ran.summary?.files.attempts, 0);
});

test("real boundary: what can be tried in more ways than are told is counted (needs namespaces)", {
  timeout: 60_000,
}, async () => {
  using stage = new Stage({ git: true, files });
  const ran = await stage.run(["bash", "-c", "for i in $(seq 620); do : > .git/hooks/h$i; done 2>/dev/null"]);
  const log = await stage.log();
  assert.equal(attempts(log).length, 500);
  const counted = log.filter(({ kind, counts }) => kind === "control-file" && counts["overflow"] !== undefined);
  assert.deepEqual(
    counted.map(({ counts }) => counts["overflow"]),
    [120],
  );
  assert.equal(ran.summary?.files.attempts, 620);
});

test("real boundary: what is planted in a private copy is on the record, ordinary work there is not (needs namespaces)", {
  timeout: 60_000,
}, async () => {
  using stage = new Stage({ git: true, files });
  const flags = ["--edits", "staged"];
  const plant = "echo evil > CLAUDE.md; mkdir .codex; echo x > .codex/config.toml; echo x > .git/hooks/pre-push";
  const ran = await stage.run(["bash", "-c", plant], { flags });
  assert.equal(ran.code, 0, ran.errors);
  const planted = async (): Promise<unknown[]> =>
    (await stage.log())
      .filter(({ kind, verdict, sealed }) => kind === "control-file" && verdict === "refuse" && sealed["copy"] === true)
      .map(({ sealed }) => sealed["path"]);
  const paths = [".codex/config.toml", ".git/hooks/pre-push", "CLAUDE.md"];
  assert.deepEqual(new Set(await planted()), new Set(paths));
  assert.equal(readFileSync(join(stage.work, "CLAUDE.md"), "utf8"), files["CLAUDE.md"]);
  const worked = await stage.run(["bash", "-c", ordinary], { flags });
  assert.equal(worked.code, 0, worked.errors);
  assert.deepEqual(new Set(await planted()), new Set(paths));
});

test("real boundary: a private copy is written without being asked (needs namespaces)", {
  timeout: 60_000,
}, async () => {
  using stage = new Stage({ git: true, files });
  const ran = await stage.run(["bash", "-c", "echo evil > CLAUDE.md"], { flags: ["--edits", "staged"] });
  assert.equal(ran.code, 0, ran.errors);
  assert.equal(readFileSync(join(stage.work, "CLAUDE.md"), "utf8"), files["CLAUDE.md"]);
  assert.deepEqual(attempts(await stage.log()), []);
});
