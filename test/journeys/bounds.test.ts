// A fork bomb of an ordinary user's tool: bounded at what is said, as the machine counts it; the gateway and the record go on meanwhile,
// the bound is on the record and in the last word, and everything is over afterwards. Needs namespaces, python3.

import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { become, enterAs } from "../../src/boundary/linux/covered-room.ts";
import { resources } from "../../src/boundary/linux/limits.ts";
import { living } from "../battery/rig/observer.ts";
import { Stage } from "./stage.ts";

const mark = "bomb-of-the-bounds";
const bomb = `import os, socket, time
try:
  for _ in range(6000):
    if os.fork() == 0:
      time.sleep(600)
except OSError: pass
open("full", "w").close()
while not os.path.exists("counted"): time.sleep(0.05)
try: socket.create_connection(("203.0.113.9", 443), 5).recv(1)
except OSError: pass
os._exit(7)
`;

/** In no account file. */
const nobody = 12_346;
const root = process.getuid?.() === 0;
/** Whether a process shows its words depends on nothing but its being there. */
const count = (): number => living(mark).filter((pid) => existsSync(`/proc/${pid}`)).length;

void test("real boundary: a fork bomb stops at its bound, and neither the gateway nor the record does", {
  timeout: 120_000,
}, async () => {
  using stage = new Stage({ files: { "bomb.py": bomb } });
  if (root) stage.give(nobody);
  const before = root ? enterAs(become(nobody)) : [];
  const { child, ended } = stage.start(["python3", "bomb.py", mark], { before });
  while (child.exitCode === null && !existsSync(join(stage.work, "full"))) await pause(50);
  const most = count();
  // two looks of the boundary's own
  await pause(2_500);
  writeFileSync(join(stage.work, "counted"), "");
  const ran = await ended;
  assert.equal(ran.code, 7, ran.errors);
  assert.ok(most > resources.nproc / 2, `${most} processes: no bomb`);
  // the command line and what holds the boundary bear the word as well
  assert.ok(most <= resources.nproc + 16, `${most} processes`);
  assert.equal(count(), 0, "everything is over");
  assert.deepEqual(ran.summary?.bounds, [{ bound: "processes", times: 1 }]);
  assert.match(ran.errors, /^bounds {3}no more processes were to be had/m);
  const log = await stage.log({ before });
  const [entry] = log.filter(({ kind }) => kind === "bound");
  assert.deepEqual([entry?.verdict, entry?.rule], ["refuse", "bound-processes"]);
  const refused = log.find(
    ({ kind, sealed }) => kind === "connection" && JSON.stringify(sealed).includes("203.0.113.9"),
  );
  assert.ok(refused !== undefined && refused.index > (entry?.index ?? 0), "what came after it is on the record");
  assert.equal(readdirSync(join(stage.state, "running")).length, 0);
  assert.match(readFileSync(join(stage.work, "bomb.py"), "utf8"), /fork/);
});
