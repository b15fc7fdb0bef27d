// Signals to the command line, and its terminal: they reach the tool, its end is told with 128+n, nothing is left running,
// and the caller's terminal is as it was. The terminal cases need script(1).

import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { openStage, postern, type Running, readLog, type Stage, until } from "./fault-stage.ts";
import { adoptOrphans, descendants } from "./kill-rounds.ts";

adoptOrphans();
const script = spawnSync("script", ["--version"]).status === 0;
const skip = script ? false : "no script(1) here: no terminal";

const gone = () => until("nothing is left running", () => descendants(process.pid).length === 0);
const noted = (stage: Stage, text: string) =>
  until(text, () => existsSync(stage.canary) && readFileSync(stage.canary, "utf8").includes(text));

async function running(stage: Stage, body: string): Promise<Running> {
  const session = stage.start(["run", "--", "sh", "-c", body]);
  await noted(stage, "ready");
  return session;
}

const signals = [
  ["SIGINT", 2],
  ["SIGQUIT", 3],
  ["SIGTERM", 15],
] as const;

for (const [signal, number] of signals) {
  void test(`${signal} reaches the tool, which ends as it likes`, async () => {
    await using stage = await openStage();
    const name = signal.slice(3);
    const body = `trap 'echo ${name} >>canary; exit 7' ${name}; echo ready >canary; while :; do sleep 0.05; done`;
    const { child, told } = await running(stage, body);
    child.kill(signal);
    assert.equal((await told).code, 7);
    assert.equal(readFileSync(stage.canary, "utf8"), `ready\n${name}\n`);
    await gone();
  });

  void test(`${signal} to a tool that does nothing about it: ${128 + number}, nothing left`, async () => {
    await using stage = await openStage();
    const { child, told } = await running(stage, "sleep 1000 & echo ready >canary; exec sleep 1000");
    child.kill(signal);
    const { code, errors } = await told;
    assert.equal(code, 128 + number, errors);
    assert.match(errors, new RegExp(`ended with ${128 + number}`));
    const [stop] = await readLog(stage, ["--kind", "session.stop"]);
    assert.deepEqual(stop?.sealed?.["exit"], { code: 128 + number, by: "tool", reason: `ended by signal ${number}` });
    await gone();
  });
}

void test("SIGTERM at any moment of the start is not forgotten", async () => {
  await using stage = await openStage();
  for (let milliseconds = 0; milliseconds < 960; milliseconds += 80) {
    const session = stage.start(["run", "--", "sleep", "1000"]);
    await new Promise((resolve) => setTimeout(resolve, milliseconds));
    session.child.kill("SIGTERM");
    const { code, errors } = await session.told;
    assert.equal(code, 143, errors);
    await gone();
  }
});

void test("SIGHUP ends the session, whatever the tool does about it", async () => {
  await using stage = await openStage();
  const { child, told } = await running(stage, "trap '' HUP TERM; echo ready >canary; while :; do sleep 0.05; done");
  child.kill("SIGHUP");
  const { code, errors } = await told;
  assert.equal(code, 124, errors);
  assert.match(errors, /ended by postern \(124\): ended by SIGHUP/);
  await gone();
});

void test("a tool that ignores SIGTERM is ended by the third", async () => {
  await using stage = await openStage();
  const body = "trap 'echo x >>canary' TERM; echo ready >canary; while :; do sleep 0.05; done";
  const { child, told } = await running(stage, body);
  for (const marks of ["\nx\n", "\nx\nx\n"]) {
    child.kill("SIGTERM");
    await noted(stage, marks);
  }
  child.kill("SIGTERM");
  assert.equal((await told).code, 124);
  await gone();
});

/** The command line in a terminal of its own; what is typed goes to it. */
function inTerminal(stage: Stage, body: string) {
  const file = join(stage.base, "body.sh");
  writeFileSync(file, `${body}\n`);
  const lines = `stty -a >${stage.base}/before; ${postern} run -- sh ${stage.work}/inside.sh; echo $? >${stage.base}/code; stty -a >${stage.base}/after`;
  writeFileSync(join(stage.work, "inside.sh"), `${body}\n`);
  const { PATH = "" } = process.env;
  const child = spawn("script", ["-qfec", lines, "/dev/null"], {
    cwd: stage.work,
    env: { PATH, HOME: stage.home, POSTERN_HOME: stage.state, TERM: "xterm", SHELL: "/bin/sh" },
    stdio: ["pipe", "pipe", "pipe"],
  });
  let output = "";
  child.stdout.on("data", (part: Buffer) => (output += part.toString()));
  const closed = new Promise<void>((resolve) => child.on("close", () => resolve()));
  const read = (name: string) => readFileSync(join(stage.base, name), "utf8");
  return { child, closed, read, output: () => output };
}

const command = (): number => {
  const found = descendants(process.pid).find(({ words }) => words.some((word) => word.endsWith("cli/main.ts")));
  return found?.pid ?? assert.fail("the command line is not there");
};

const wreck = "stty raw -echo; printf '\\033[?1049h\\033[?25l\\033[?1000h'";

void test("a tool that leaves its terminal raw and is killed: the caller's is as it was", { skip }, async () => {
  await using stage = await openStage();
  const { closed, read, output } = inTerminal(stage, `${wreck}; test -t 0 && echo tty >canary; kill -9 $$`);
  await closed;
  assert.equal(readFileSync(stage.canary, "utf8"), "tty\n");
  assert.equal(read("code"), "137\n");
  assert.equal(read("after"), read("before"));
  // the second screen left, the cursor shown, the mouse let go, after the tool's own
  for (const back of ["\u001b[?1049l", "\u001b[?25h", "\u001b[?1000l"]) assert.ok(output().includes(back), back);
  await gone();
});

void test("SIGTERM while the terminal is raw: as it was", { skip }, async () => {
  await using stage = await openStage();
  const { closed, read } = inTerminal(stage, `${wreck}; echo ready >canary; exec sleep 1000`);
  await noted(stage, "ready");
  process.kill(command(), "SIGTERM");
  await closed;
  assert.equal(read("code"), "143\n");
  assert.equal(read("after"), read("before"));
  await gone();
});

void test("Ctrl-C typed goes to the tool alone", { skip }, async () => {
  await using stage = await openStage();
  const body = "trap 'echo INT >>canary; exit 5' INT; echo ready >canary; while :; do sleep 0.05; done";
  const { child, closed, read } = inTerminal(stage, body);
  await noted(stage, "ready");
  child.stdin.write("\u0003");
  await closed;
  assert.equal(readFileSync(stage.canary, "utf8"), "ready\nINT\n");
  assert.equal(read("code"), "5\n");
  assert.equal(read("after"), read("before"));
  await gone();
});

void test("the terminal goes away: the session ends and nothing is left", { skip }, async () => {
  await using stage = await openStage();
  const { child, closed } = inTerminal(stage, "trap '' HUP TERM INT; echo ready >canary; while :; do sleep 0.05; done");
  await noted(stage, "ready");
  child.kill("SIGKILL");
  await closed;
  await gone();
  const [stop] = await readLog(stage, ["--kind", "session.stop"]);
  assert.equal(stop?.counts?.["exit-code"], 124, "and its end is on the record");
  assert.match((await stage.ask(["verify"])).output, /^verified: /);
});
