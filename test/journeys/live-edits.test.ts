// Live edits: two at work in one checkout. New control files are gone while the session still runs; a person and a tool edit
// the same files and nobody's line is lost or hidden; watchers on both sides see both. Looked at from outside.

import assert from "node:assert/strict";
import { appendFileSync, existsSync, readdirSync, readFileSync, renameSync, watch, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { git, openStage, readLog, until } from "./fault-stage.ts";

const waiting = "echo >ready; while test ! -e stop; do sleep 0.05; done";

test("new control files are put away while the session runs; a fresh repository and a worktree stay", async () => {
  await using stage = await openStage();
  const at = (path: string) => join(stage.work, path);
  const script = `
    git init -q nested; git -C nested -c user.name=t -c user.email=t@x commit -q --allow-empty -m x
    git worktree add -q wt -b side
    mkdir -p .husky deep/er; echo evil >.husky/pre-commit; echo evil >deep/er/.envrc; echo fine >deep/er/fine
    mkdir made; mkdir made/.vscode; echo evil >made/.vscode/tasks.json
    printf '#!/bin/sh\\n' >nested/.git/hooks/pre-commit
    echo '[core] fsmonitor = ./evil' >nested/.git/config.worktree
    mkdir bare; git init -q --bare bare; git -C bare config core.fsmonitor ./evil
    ${waiting}; echo done >done`;
  const running = stage.start(["run", "--", "sh", "-ec", script]);
  await until("the tool has made them", () => existsSync(at("ready")) || running.child.exitCode !== null);
  const evil = [
    ".husky",
    "deep/er/.envrc",
    "made/.vscode",
    "nested/.git/hooks/pre-commit",
    "nested/.git/config.worktree",
    "bare/config",
  ];
  await until("all are gone", () => evil.every((path) => !existsSync(at(path))));
  assert.equal(running.child.exitCode, null, "the session still runs");
  const early = (await readLog(stage, ["--kind", "control-file"])).filter(
    ({ sealed }) => sealed?.["path"] !== undefined,
  );
  assert.deepEqual(new Set(early.map(({ sealed }) => sealed?.["path"])), new Set(evil));
  // what came after it began counts as well, also where a directory is moved in whole
  writeFileSync(at("stop-later"), "");
  for (const path of ["nested/.git/HEAD", "wt/.git", "deep/er/fine", ".git/worktrees/wt/gitdir"])
    assert.ok(existsSync(at(path)), path);
  writeFileSync(at("stop"), "");
  const { code, errors } = await running.told;
  assert.equal(code, 0, errors);
  assert.match(errors, new RegExp(`held +${evil.length} new control files`));
  assert.equal(git(at("wt"), stage.home, ["rev-parse", "--abbrev-ref", "HEAD"]), "side\n");
  const all = (await readLog(stage, ["--kind", "control-file"])).filter(({ sealed }) => sealed?.["path"] !== undefined);
  assert.equal(all.length, evil.length, "each is on the record once");
});

test("a control file brought in by moving a directory, and one in a directory made while watching", async () => {
  await using stage = await openStage();
  const at = (path: string) => join(stage.work, path);
  const script = `mkdir -p a/b/c /tmp/x; echo evil >a/b/c/note; ${waiting.replace("stop", "go")}
    mv a moved; sleep 1; mv moved/b/c/note moved/b/c/.mcp.json; echo >second; while test ! -e stop; do sleep 0.05; done`;
  const running = stage.start(["run", "--", "sh", "-ec", script]);
  await until("it is ready", () => existsSync(at("ready")));
  writeFileSync(at("go"), "");
  await until("it was moved", () => existsSync(at("second")));
  await until("it is gone", () => !existsSync(at("moved/b/c/.mcp.json")));
  assert.equal(running.child.exitCode, null, "the session still runs");
  writeFileSync(at("stop"), "");
  assert.equal((await running.told).code, 0);
});

const rounds = 200;

/** Appends its own lines; replaces another file as editors do; notes what its watcher sees. */
const tool = `
const fs = require("node:fs");
const seen = new Set();
fs.watch(".", (kind, name) => seen.add(name));
let at = 0;
const step = () => {
  fs.appendFileSync("both.txt", "tool " + at + "\\n");
  fs.writeFileSync("swap.tmp", "tool " + at); fs.renameSync("swap.tmp", "by-tool.txt");
  at += 1;
  if (at < ${rounds}) return setTimeout(step, 2);
  fs.writeFileSync("tool-done", "");
  const wait = setInterval(() => {
    if (!fs.existsSync("person-done")) return;
    clearInterval(wait);
    setTimeout(() => {
      fs.writeFileSync("tool-saw", JSON.stringify([...seen, fs.readFileSync("by-person.txt", "utf8")]));
      process.exit(0);
    }, 300);
  }, 20);
};
step();
`;

test("a person and a tool write the same files: every line is there, each sees the other's, watchers fire on both sides", async () => {
  await using stage = await openStage();
  const at = (path: string) => join(stage.work, path);
  writeFileSync(at("both.txt"), "");
  const seen = new Set<string | null>();
  const watcher = watch(stage.work, (_, name) => seen.add(name));
  const policy = { version: 1, files: { write: ["."], read: [process.execPath] } };
  writeFileSync(stage.policy, JSON.stringify(policy));
  const running = stage.start(["run", "--policy", stage.policy, "--", process.execPath, "-e", tool]);
  await until("the tool writes", () => readFileSync(at("both.txt"), "utf8") !== "" || running.child.exitCode !== null);
  for (let round = 0; round < rounds; round += 1) {
    appendFileSync(at("both.txt"), `person ${round}\n`);
    // as editors save
    writeFileSync(at("save.tmp"), `person ${round}`);
    renameSync(at("save.tmp"), at("by-person.txt"));
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  writeFileSync(at("person-done"), "");
  const { code, errors } = await running.told;
  watcher.close();
  assert.equal(code, 0, errors);
  const lines = readFileSync(at("both.txt"), "utf8").trimEnd().split("\n").sort();
  const wanted = ["person", "tool"]
    .flatMap((who) => Array.from({ length: rounds }, (_, round) => `${who} ${round}`))
    .sort();
  assert.deepEqual(lines, wanted);
  assert.equal(readFileSync(at("by-tool.txt"), "utf8"), `tool ${rounds - 1}`);
  const [saw, last] = ((all: string[]) => [all.slice(0, -1), all.at(-1)])(
    JSON.parse(readFileSync(at("tool-saw"), "utf8")),
  );
  assert.equal(last, `person ${rounds - 1}`, "a file the person replaced is read inside as it is now");
  for (const name of ["both.txt", "by-person.txt", "person-done"]) assert.ok(saw?.includes(name), `inside saw ${name}`);
  for (const name of ["both.txt", "by-tool.txt", "tool-done"]) assert.ok(seen.has(name), `outside saw ${name}`);
  assert.ok(readdirSync(stage.work).includes("by-tool.txt"));
});
