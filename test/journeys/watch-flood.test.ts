// A tool that keeps the watch as busy as it can keeps it from nothing: what begins is on the record, and everything inside
// ends with the command line's process. Ground truth is the process table outside, and the record.

import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Stage } from "./stage.ts";

/** Links of some thousand bytes each, and many places that are not there: each of these calls is long to follow. */
const flood = `import os, sys, threading, time
os.mkdir("a")
far = "a/../" * 800
for n in range(3): os.symlink(far + ("a" if n == 2 else f"z{n + 1}"), f"z{n}")
def again():
    while True:
        try: os.unlink("z0/missing/" + "b/" * 30)
        except OSError: pass
for _ in range(8): threading.Thread(target=again, daemon=True).start()
open("begun", "w").close()
time.sleep(2)
for name in ("one", "two"): os.spawnv(os.P_WAIT, "/bin/echo", ["echo", name])
open("ran", "w").close()
time.sleep(300)
`;

function living(mark: string): number {
  return readdirSync("/proc").filter((name) => {
    try {
      return /^\d+$/.test(name) && readFileSync(join("/proc", name, "cmdline"), "utf8").includes(mark);
    } catch {
      return false;
    }
  }).length;
}

async function areEntered(stage: Stage): Promise<boolean> {
  const begun = (await stage.log()).map(({ sealed }) => JSON.stringify(sealed["arguments"]));
  return ["one", "two"].every((name) => begun.includes(JSON.stringify(["echo", name])));
}

test("real boundary: a flood of slow calls hides no program and keeps nothing alive (needs namespaces)", {
  timeout: 120_000,
}, async () => {
  using stage = new Stage({ git: true, files: { "CLAUDE.md": "be kind\n", "flood.py": flood } });
  const mark = `flood-${process.pid}-${Date.now()}`;
  const { child, ended } = stage.start(["python3", "flood.py", mark]);
  while (!existsSync(join(stage.work, "ran"))) await sleep(50);
  assert.ok(living(mark) > 1);
  // while it floods on; where nothing came through, the test's own time ends it
  while (!(await areEntered(stage))) await sleep(500);
  child.kill("SIGKILL");
  await ended;
  const since = Date.now();
  while (living(mark) > 0 && Date.now() - since < 20_000) await sleep(50);
  assert.equal(living(mark), 0, "something inside outlived the command line");
});
