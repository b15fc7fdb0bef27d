// Ctrl-Z and `fg` in a person's own shell: the tool stops, the shell has its terminal back, and both go on. Judged by the
// shell, by /proc, and by another session that writes to the same record meanwhile.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { childrenOf } from "../../src/boundary/linux/doors/owners.ts";
import { openDesk } from "../../src/boundary/linux/terminal/desk.ts";
import { Stage } from "./stage.ts";

const postern = new URL("../../postern", import.meta.url).pathname;
const stateOf = (pid: number): string => readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)?.[0] ?? "";

/** The person's own shell, with job control, on this terminal. */
const sit = (stage: Stage, terminal: number) =>
  spawn("setsid", ["--ctty", "--", "bash", "--norc", "--noprofile", "-i"], {
    cwd: stage.work,
    env: { HOME: stage.home, PATH: "/usr/bin:/bin", POSTERN_HOME: stage.state, PS1: "shell> ", TERM: "xterm" },
    stdio: [terminal, terminal, terminal],
  });

test("real boundary: Ctrl-Z gives the shell its terminal back, others go on writing, fg goes on", {
  timeout: 120_000,
}, async () => {
  using stage = new Stage();
  using desk = await openDesk();
  const shell = sit(stage, desk.peer);
  const ended = once(shell, "exit");
  await desk.until(/shell> $/);
  desk.type(
    `${postern} run -- sh -c 'echo up$((1)); while read line; do echo "got $line"; echo "$line" >>heard; done'\n`,
  );
  await desk.until(/up1/);
  desk.type("one\n");
  await desk.until(/got one/);
  const [job = 0] = childrenOf("/proc", shell.pid ?? 0);
  for (let round = 0; round < 3; round += 1) {
    desk.type("\x1a");
    await desk.until(/Stopped[\s\S]*shell> $/);
    assert.equal(stateOf(job), "T");
    // it holds no lock that another session waits for
    const other = await stage.run(["sh", "-c", "exit 7"]);
    assert.equal(other.code, 7, other.errors);
    desk.type("fg\n");
    desk.type(`again${round}\n`);
    await desk.until(new RegExp(`got again${round}`));
  }
  desk.type("\x04");
  await desk.until(/ended with 0[\s\S]*shell> $/);
  desk.type("exit 5\n");
  assert.deepEqual(await ended, [5, null]);
  assert.equal(readFileSync(join(stage.work, "heard"), "utf8"), "one\nagain0\nagain1\nagain2\n");
  assert.equal((await stage.call(["verify"])).code, 0);
});

test("real boundary: a session at rest is stopped like any other", { timeout: 120_000 }, async () => {
  using stage = new Stage();
  using desk = await openDesk();
  const shell = sit(stage, desk.peer);
  const ended = once(shell, "exit");
  await desk.until(/shell> $/);
  desk.type(`${postern} run -- sh -c 'echo up$((1)); exec cat'\n`);
  await desk.until(/up1/);
  desk.type("\x1a");
  await desk.until(/Stopped[\s\S]*shell> $/);
  const stopped = await stage.call(["stop", "--all"]);
  assert.equal(stopped.code, 0, stopped.errors);
  desk.type("\nexit 6\n");
  desk.type("exit 6\n");
  await ended;
  const stops = (await stage.log()).filter(({ kind }) => kind === "session.stop");
  assert.equal(stops.length, 1);
  assert.equal((await stage.call(["verify"])).code, 0);
});
