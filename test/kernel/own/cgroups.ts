// In the guest, as root: what bounds everything inside together on a kernel that has cgroups of version 2 with all their
// controllers. Many machines hand these out to nobody, so it is no test of `npm test`; run by guest/begin.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { test } from "node:test";
import { openCgroup } from "../../../src/boundary/linux/bounds/cgroup.ts";

const MiB = 2 ** 20;
const unbounded = { memory: 2 ** 40, processes: 10_000 };

/** Runs it in a group with these bounds, made where this process is; what ended it, and what the kernel counted. */
async function inGroup(bounds: Parameters<typeof openCgroup>[0], script: string) {
  const made = await openCgroup(bounds, "/bin/sh");
  assert.ok("procs" in made, JSON.stringify(made));
  const child = spawn("/bin/sh", ["-c", 'echo 0 >"$0"; exec python3 -c "$1"', made.procs, script], { stdio: "ignore" });
  const ended = await new Promise((resolve) => child.once("exit", (code, signal) => resolve(signal ?? code)));
  const reached = made.reached().map(({ bound }) => bound);
  await made.end();
  return { ended, reached };
}

test("memory is bounded: the kernel ends what takes more, and counts it", async () => {
  const eat = "taken = [bytearray(1 << 20) for _ in range(256)]";
  assert.deepEqual(await inGroup({ ...unbounded, memory: 48 * MiB }, eat), { ended: "SIGKILL", reached: ["memory"] });
  assert.deepEqual(await inGroup(unbounded, eat), { ended: 0, reached: [] });
});

test("processes are bounded: no more begin, which is counted, and all of them are ended with the group", async () => {
  const multiply = `import os, time
for _ in range(64):
  try:
    if os.fork() == 0: time.sleep(600)
  except OSError: os._exit(7)`;
  const few = { ...unbounded, processes: 12 };
  assert.deepEqual(await inGroup(few, multiply), { ended: 7, reached: ["processes"] });
  assert.deepEqual(await inGroup(unbounded, multiply), { ended: 0, reached: [] });
});
