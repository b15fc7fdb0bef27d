// git in a live session as usual: its configuration can be written inside, and the checkout's own is out of reach; at the end what
// tracking and submodules need is set there, the rest is told and on the record. Looked at from outside. Needs namespaces.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { git, openStage, readLog, type Stage, until } from "./fault-stage.ts";

const patient = { timeout: 120_000 };

const settings = (stage: Stage): readonly string[] =>
  git(stage.work, stage.home, ["config", "--local", "--list"]).trim().split("\n");

test("configuration inside is written, tracking and submodules land, the rest does not", patient, async () => {
  await using stage = await openStage();
  git(stage.work, stage.home, ["remote", "add", "origin", "https://git.example.org/shop.git"]);
  const file = join(stage.work, ".git/config");
  const before = readFileSync(file, "utf8");
  const script = `
    git config user.name tool; git config user.email tool@example.org
    git switch -q -c feature --track main
    git config core.fsmonitor ./evil; git config alias.st '!./evil'; git config remote.origin.pushurl https://evil.example/x
    git config submodule.lib.active true; git config submodule.lib.url https://git.example.org/lib.git
    test "$(git config user.name)" = tool || exit 3
    for place in .git/config; do rm -f $place; mv -f README $place; ln -sf /etc/passwd $place; printf '[alias]\\n\\tx = !evil\\n' >new; cat new >>$place; mv new $place; done 2>/dev/null
    git config user.name tool; git commit -q --allow-empty -m inside; git gc -q
    echo >ready; while test ! -e stop; do sleep 0.05; done`;
  const running = stage.start(["run", "--", "sh", "-c", script]);
  await until("it is ready", () => existsSync(join(stage.work, "ready")) || running.child.exitCode !== null);
  assert.equal(readFileSync(file, "utf8"), before, "while it runs, nothing of it is outside");
  writeFileSync(join(stage.work, "stop"), "");
  const { code, errors } = await running.told;
  assert.equal(code, 0, errors);
  assert.deepEqual(
    settings(stage).filter((line) => /^(?:user|alias|core\.fsmonitor|remote\.origin\.pushurl)/.test(line)),
    [],
  );
  assert.ok(settings(stage).includes("branch.feature.merge=refs/heads/main"));
  assert.ok(settings(stage).includes("submodule.lib.active=true"));
  assert.equal(git(stage.work, stage.home, ["log", "-1", "--format=%an %s"]), "tool inside\n");
  assert.match(errors, /\.git\/config: set inside and not outside: .*core\.fsmonitor.*alias\.st/);
  const entries = await readLog(stage, ["--kind", "control-file"]);
  const left = entries.find(({ sealed }) => String(sealed?.["why"]).startsWith("not taken over"));
  assert.equal(left?.sealed?.["path"], ".git/config");
  assert.equal(
    existsSync(join(stage.state, "settings")) && readdirSync(join(stage.state, "settings")).length > 0,
    false,
  );
  const next = await stage.ask(["run", "--", "git", "config", "user.name"]);
  assert.equal(next.output, "", "the next session begins with the checkout's own");
});

test("a session that was killed leaves the checkout's configuration as it was, and no copy", patient, async () => {
  await using stage = await openStage();
  const before = readFileSync(join(stage.work, ".git/config"), "utf8");
  const script = "git switch -q -c feature --track main; echo >ready; sleep 60";
  const running = stage.start(["run", "--", "sh", "-c", script]);
  await until("it is ready", () => existsSync(join(stage.work, "ready")) || running.child.exitCode !== null);
  running.child.kill("SIGKILL");
  await running.told;
  assert.equal(readFileSync(join(stage.work, ".git/config"), "utf8"), before);
  assert.equal(readdirSync(join(stage.state, "settings")).length, 1);
  await stage.ask(["run", "--", "true"]);
  assert.equal(readFileSync(join(stage.work, ".git/config"), "utf8"), before);
  assert.deepEqual(readdirSync(join(stage.state, "settings")), []);
});

test("a worktree has the control files of its branch, and no others", patient, async () => {
  await using stage = await openStage();
  for (const path of [".github/workflows/ci.yml", ".vscode/tasks.json", "AGENTS.md"]) {
    mkdirSync(join(stage.work, path, ".."), { recursive: true });
    writeFileSync(join(stage.work, path), `of the project: ${path}\n`);
  }
  git(stage.work, stage.home, ["add", "-A"]);
  git(stage.work, stage.home, ["commit", "-qm", "control files"]);
  const script = `git worktree add -q wt -b fix; echo evil >wt/.envrc; echo evil >>wt/AGENTS.md; cp AGENTS.md wt/CLAUDE.md
    cp .git/hooks/*.sample wt/ 2>/dev/null; sleep 1`;
  const { code, errors } = await stage.ask(["run", "--", "sh", "-c", script]);
  assert.equal(code, 0, errors);
  const there = (path: string): boolean => existsSync(join(stage.work, "wt", path));
  assert.ok(there(".github/workflows/ci.yml") && there(".vscode/tasks.json"));
  assert.ok(!there(".envrc") && !there("CLAUDE.md") && !there("AGENTS.md"));
});

/** As husky 9 does on installing, with its own words for failing. */
const installing = `git config core.hooksPath .husky/_ || exit 0; rm -f .husky/_/husky.sh; mkdir -p .husky/_
echo '*' >.husky/_/.gitignore; printf '#!/bin/sh\\nsh .husky/pre-commit\\n' >.husky/_/pre-commit; chmod +x .husky/_/pre-commit`;

test(
  "husky: installed before, it installs again and its hooks run inside; else it is told not to",
  patient,
  async () => {
    await using stage = await openStage();
    const [husky, hook] = [join(stage.work, ".husky"), join(stage.work, ".husky/_/pre-commit")];
    mkdirSync(husky);
    writeFileSync(join(husky, "pre-commit"), "echo ran >>hook-ran\n");
    const script = `test "$HUSKY" = 0 || { ${installing}; }; (echo evil >>.husky/pre-commit) 2>/dev/null || true; git -c user.name=t -c user.email=t@x commit -q --allow-empty -m x; exit 0`;
    const fresh = await stage.ask(["run", "--", "sh", "-ec", script]);
    assert.equal(fresh.code, 0, fresh.errors);
    assert.equal(existsSync(join(stage.work, "hook-ran")), false);
    execFileSync("sh", ["-ec", installing], { cwd: stage.work });
    writeFileSync(hook, `${readFileSync(hook, "utf8")}# outside\n`);
    const again = await stage.ask(["run", "--", "sh", "-ec", `${installing}; ${script}`]);
    assert.equal(again.code, 0, again.errors);
    assert.equal(readFileSync(join(stage.work, "hook-ran"), "utf8"), "ran\n");
    assert.match(readFileSync(hook, "utf8"), /# outside$/m, "what was generated inside stayed there");
    assert.equal(readFileSync(join(husky, "pre-commit"), "utf8"), "echo ran >>hook-ran\n");
  },
);
