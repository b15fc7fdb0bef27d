// A signal reaches the process that is meant, and no other of its number.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import { lifeOf } from "./life.ts";
import { signalLife } from "./life-signal.ts";

test("the process that is meant, and none that only has its number", async () => {
  const child = spawn("sleep", ["1000"]);
  const life = lifeOf(child.pid ?? -1) ?? assert.fail("it does not run");
  assert.equal(await signalLife({ ...life, began: "1" }, "SIGKILL"), false, "an earlier one of that number");
  assert.equal(child.exitCode ?? child.signalCode, null);
  assert.equal(lifeOf(life.pid)?.began, life.began, "and it lives");
  assert.equal(await signalLife(life, "SIGTERM"), true);
  assert.deepEqual(await once(child, "exit"), [null, "SIGTERM"]);
  assert.equal(await signalLife(life, "SIGTERM"), false, "it is gone");
});
