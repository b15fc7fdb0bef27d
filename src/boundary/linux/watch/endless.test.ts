// Needs bubblewrap, user namespaces, nftables, Python. Nothing a tool makes keeps the watch reading: what is too large to be
// hashed, or has no end, is told without a digest, and what begins after it is told and goes on.

import assert from "node:assert/strict";
import { existsSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { Execution } from "../../../domain/execution.ts";
import { attempt, openFolder } from "../trial.ts";
import { running } from "./running.ts";

const python = realpathSync("/usr/bin/python3");

/** `huge` is 4 TiB of nothing, `growing` as long as whoever reads it takes; `zero` and `fed` are interpreted by what has no end. */
const tool = `
${running}
import threading
def put(path,text):
  open(path,"w").write(text); os.chmod(path,0o755)
put("/tmp/huge",""); os.truncate("/tmp/huge",4<<40)
os.mkfifo("/tmp/pipe",0o755)
def feed():
  end=os.open("/tmp/pipe",os.O_RDWR)
  while True: os.write(end,b"x"*65536)
threading.Thread(target=feed,daemon=True).start()
put("/tmp/zero","#!/dev/zero\\n"); put("/tmp/fed","#!/tmp/pipe\\n")
for name in ("huge","zero","fed"): run("/tmp/"+name)
os.spawnv(os.P_WAIT,"/usr/bin/touch",["touch","/opt/work/after"])
`;

test("real boundary: what has no end, or is endlessly large, holds up nobody and hides nothing", {
  timeout: 60_000,
}, async () => {
  using folder = openFolder();
  const mounts = [{ kind: "write", path: "/opt/work", from: folder.path }] as const;
  const { exit, executions } = await attempt([python, "-c", tool], { mounts });
  assert.equal(exit.code, 0);
  assert.ok(existsSync(join(folder.path, "after")));
  const told = executions.slice(1).map(({ arguments: words, sha256 }) => [words[0], sha256 === undefined]);
  assert.deepEqual(told, [
    ["/tmp/huge", true],
    ["/tmp/zero", false],
    ["/tmp/fed", false],
    ["touch", false],
  ]);
});

const asking = `
import os,time
open("/tmp/push","w").close(); os.chmod("/tmp/push",0o755); os.truncate("/tmp/push",1000<<20)
time.sleep(0.3)
pid=os.fork()
if pid==0:
  try: os.execv("/tmp/push",["push"])
  except OSError: os._exit(7)
os.spawnv(os.P_WAIT,"/usr/bin/touch",["touch","/opt/work/meanwhile"])
os._exit(os.waitstatus_to_exitcode(os.waitpid(pid,0)[1]))
`;

test("real boundary: while the program of a question is read the others go on", { timeout: 60_000 }, async () => {
  using folder = openFolder();
  const asked: { readonly execution: Execution; readonly wentOn: boolean }[] = [];
  const { exit } = await attempt(
    [python, "-c", asking],
    { mounts: [{ kind: "write", path: "/opt/work", from: folder.path }] },
    {
      questioned: [["push"]],
      judge: (execution) => {
        asked.push({ execution, wentOn: existsSync(join(folder.path, "meanwhile")) });
        return Promise.resolve(false);
      },
    },
  );
  assert.deepEqual([exit.code, asked.map(({ wentOn }) => wentOn)], [7, [true]]);
  assert.match(String(asked[0]?.execution.sha256), /^[0-9a-f]{64}$/);
});
