// `postern status` and `postern stop`: what runs is listed, and a stop leaves no process of it, 124, and an entry. Nothing
// inside can reach what they go by.

import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { openStage, readLog, type Stage, until } from "./fault-stage.ts";
import { adoptOrphans, descendants } from "./kill-rounds.ts";

adoptOrphans();
const gone = () => until("nothing is left running", () => descendants(process.pid).length === 0);

/** With a child in a session of its own, deaf to everything. */
const body = (file: string) =>
  `curl -s https://refused.test; setsid sh -c 'trap "" TERM HUP INT; while :; do sleep 0.1; done' & trap '' TERM HUP INT USR2; echo x >"${file}"; while :; do sleep 0.1; done`;

async function running(stage: Stage, work = stage.work) {
  const session = stage.start(["run", "--headless", "--", "sh", "-c", body("ready")], { at: work });
  await until("it runs", () => readdirSync(work).includes("ready"));
  return session;
}

interface Line {
  readonly session: string;
  readonly workspace: string;
  readonly pid: number;
  readonly requests: number;
  readonly refusals: number;
  readonly [key: string]: unknown;
}

async function list(stage: Stage): Promise<readonly Line[]> {
  const { code, output } = await stage.ask(["status", "--json"]);
  assert.equal(code, 0);
  return output
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Line);
}

void test("stop: every process gone, 124 by postern, an entry, a record that verifies", async () => {
  await using stage = await openStage();
  const session = await running(stage);
  const [line] = await list(stage);
  assert.equal(line?.pid, session.pid);
  const refused = await readLog(stage, ["--kind", "refusal"]);
  assert.ok(refused.length > 0);
  assert.equal(line?.refusals, refused.length);
  const { tool, workspace, grade, mode, edits, headless, requests } = line;
  assert.deepEqual(
    { tool, workspace, grade, mode, edits, headless, requests },
    {
      tool: { name: "sh", version: null },
      workspace: stage.work,
      grade: "full",
      mode: "enforce",
      edits: "live",
      headless: true,
      requests: 0,
    },
  );
  const told = await stage.ask(["status"]);
  assert.match(
    told.output,
    /^s-\w{8} {2}sh, for [\d.]+ s\n {12}in .*\n {12}boundary full · enforce · edits live · headless/,
  );
  const stopped = await stage.ask(["stop"]);
  assert.equal(stopped.code, 0, stopped.errors);
  assert.match(stopped.output, /^s-\w{8}, sh in .*, is stopped\n$/);
  const { code, errors } = await session.told;
  assert.equal(code, 124, errors);
  assert.match(errors, /ended by postern \(124\): stopped/);
  await gone();
  const [stop] = await readLog(stage, ["--kind", "session.stop"]);
  assert.deepEqual(stop?.sealed?.["exit"], { code: 124, by: "postern", reason: "stopped" });
  assert.equal(stop?.session, line?.session);
  assert.match((await stage.ask(["verify"])).output, /^verified: /);
  assert.deepEqual(await list(stage), []);
  assert.deepEqual(readdirSync(join(stage.state, "running")), []);
  assert.equal((await stage.ask(["stop"])).code, 1);
  assert.match((await stage.ask(["status"])).output, /^nothing runs/);
});

void test("of several, the named one; then all", async () => {
  await using stage = await openStage();
  const works = [stage.work, stage.checkout("second"), stage.checkout("third")];
  const sessions = [];
  for (const work of works) sessions.push(await running(stage, work));
  const lines = await list(stage);
  assert.deepEqual(
    lines.map(({ workspace }) => workspace),
    works,
  );
  const which = await stage.ask(["stop"]);
  assert.equal(which.code, 2);
  assert.match(which.errors, /3 sessions run; say which, or --all/);
  assert.equal((await stage.ask(["stop", lines[1]?.session ?? ""])).code, 0);
  assert.equal((await sessions[1]?.told)?.code, 124);
  assert.deepEqual(
    (await list(stage)).map(({ workspace }) => workspace),
    [works[0], works[2]],
  );
  assert.equal((await stage.ask(["stop", lines[1]?.session ?? ""])).code, 1, "it runs no more");
  assert.equal((await stage.ask(["stop", "s-x"])).code, 2);
  assert.equal((await stage.ask(["stop", "--all"])).code, 0);
  for (const session of sessions) assert.equal((await session.told).code, 124);
  await gone();
});

void test("a session whose postern was suspended is stopped as well", async () => {
  await using stage = await openStage();
  const session = await running(stage);
  session.child.kill("SIGSTOP");
  assert.equal((await stage.ask(["stop"])).code, 0);
  assert.equal((await session.told).code, 124);
  await gone();
});

void test("one killed by force is not listed, and the next session strikes it out", async () => {
  await using stage = await openStage();
  const session = await running(stage);
  session.child.kill("SIGKILL");
  await session.told;
  await gone();
  assert.equal(readdirSync(join(stage.state, "running")).length, 1, "its note is left");
  assert.deepEqual(await list(stage), []);
  assert.equal((await stage.ask(["stop"])).code, 1);
  assert.equal((await stage.ask(["run", "--", "true"])).code, 0);
  assert.equal(readdirSync(join(stage.state, "running")).length, 0);
});

void test("nothing inside sees the roll, and no signal from inside reaches a session", async () => {
  await using stage = await openStage();
  const look = `ls ${stage.state}/running >seen 2>&1; echo $PPID >>seen; kill -USR2 -1 2>>seen; kill -USR2 $PPID 2>>seen; exit 5`;
  const { code, errors } = await stage.ask(["run", "--", "sh", "-c", `trap '' USR2; ${look}`]);
  assert.equal(code, 5, errors);
  assert.match(readFileSync(join(stage.work, "seen"), "utf8"), /No such file/);
});

void test("a question nobody has answered is counted with the session that asks it", async () => {
  await using stage = await openStage();
  writeFileSync(join(stage.base, "ask.json"), JSON.stringify({ version: 1, commands: { ask: [["ls", "/"]] } }));
  const script = "ls /; echo x >ready; while :; do sleep 0.1; done";
  const session = stage.start(["run", "--policy", join(stage.base, "ask.json"), "--", "sh", "-c", script]);
  await until("it runs", () => readdirSync(stage.work).includes("ready"));
  const [line] = await list(stage);
  assert.equal(line?.["pending"], 1);
  assert.match((await stage.ask(["status"])).output, /1 question unanswered: {2}postern pending\n$/);
  const [question = ""] = /q-\w{8}/.exec((await stage.ask(["pending"])).output) ?? [];
  assert.equal((await stage.ask(["deny", question])).code, 0);
  assert.equal((await list(stage))[0]?.["pending"], 0);
  assert.equal((await stage.ask(["stop"])).code, 0);
  assert.equal((await session.told).code, 124);
});
