// The guide's first five minutes, typed as they stand there, at a terminal, in a fresh home, with the real pi and the
// scripted vendor: everything succeeds, shows what the guide shows, and did what it says. Needs script(1).

import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { openRecord } from "../../src/ledger/record.ts";
import { demo } from "../../src/vendor/demo.ts";
import { alike, openNewUser, readGuide, root, type Typed, typeAll } from "./five-minutes.ts";

const script = spawnSync("script", ["--version"]).status === 0;
const skip = script ? false : "no script(1) here: no terminal";
const guide = readGuide(readFileSync(join(root, "docs/guide/first-five-minutes.md"), "utf8"));

test("the guide has commands, from setup to its undoing", () => {
  const typed = guide.map((one) => one.typed).join("\n");
  assert.match(typed, /\.\/postern setup\n[\s\S]*\npi -p [\s\S]*\npostern undo\npostern verify\npostern setup --undo$/);
});

test("typed as they stand there: what the guide shows, and what is true afterwards", { skip }, async () => {
  await using user = await openNewUser();
  const state = join(user.home, ".local/state/postern");
  const mended = () => readFileSync(join(user.checkout, demo.mended.path), "utf8");
  const seen: Record<string, string> = {};
  const note = ({ typed }: Typed) => {
    if (typed.startsWith("pi ")) seen["after pi"] = mended();
    if (typed === "postern undo") seen["after undo"] = mended();
    if (typed === "./postern setup") seen["start file"] = readFileSync(user.startFile.path, "utf8");
  };
  const typed = await typeAll(user, guide, note);
  for (const [at, { typed: line, output, code }] of typed.entries()) {
    assert.equal(code, 0, `$ ${line}\n${output}`);
    const hint = "the guide shows something else; node scripts/first-five-minutes.ts writes it down";
    assert.ok(alike(output, guide[at]?.output ?? ""), `$ ${line}\n${output}\n${hint}`);
  }
  assert.deepEqual(
    [seen["after pi"], seen["after undo"]],
    [demo.mended.text, demo.files[demo.mended.path]],
    "mended, and taken back",
  );
  assert.notEqual(seen["start file"], user.startFile.text);
  assert.equal(readFileSync(user.startFile.path, "utf8"), user.startFile.text, "to the byte");
  assert.equal(existsSync(join(state, "shims")), false);
  // through the shim, for nothing else starts a session
  using record = openRecord(state);
  const sessions = [...record.entries({ kind: "session.start" })].map(({ sealed }) => sealed);
  const commands = sessions.map((sealed) => (typeof sealed === "object" ? sealed["command"] : sealed));
  assert.deepEqual(commands, [["pi", "-p", "The tests fail. Find out why and mend it."]]);
  // the provider saw the key, the inside never did
  const requests = user.requests();
  assert.equal(requests.length, demo.script.steps.length + 1);
  assert.ok(requests.every(({ headers }) => headers.includes(user.key)));
  assert.ok(readdirSync(join(state, "homes")).length > 0);
  assert.equal(spawnSync("grep", ["-rqF", user.key, join(state, "homes"), user.checkout]).status, 1);
  assert.equal(execFileSync("git", ["-C", user.checkout, "status", "--short"], { encoding: "utf8" }), "");
});
