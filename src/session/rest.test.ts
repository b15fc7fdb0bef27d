// At rest this process holds nothing that other sessions wait for: asked of the kernel, by another descriptor of the lock.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { Lock } from "../ledger/lock.ts";
import { inTurn } from "./login/turn.ts";
import { rest } from "./rest.ts";

test("a refresh that is under way is over before the rest, and none begins until it is", async () => {
  const base = mkdtempSync(join(tmpdir(), "postern-rest-"));
  const path = join(base, "login.lock");
  using other = new Lock(path);
  const isFree = (): boolean => {
    const free = other.take();
    if (free) other.giveUp();
    return free;
  };
  const done: string[] = [];
  const answered = Promise.withResolvers<void>();
  const first = inTurn(path, 1000, async () => {
    await answered.promise;
    done.push("first");
  });
  assert.equal(isFree(), false);
  // in place of the stop itself, which would take this process with it
  const book = {
    quiet: async () => {
      done.push(`at rest, free: ${isFree()}`);
      const second = inTurn(path, 100, async () => void done.push("second"));
      await pause(300);
      done.push(`later, free: ${isFree()}`);
      void second.then((turn) => done.push(`second got a turn: ${turn !== undefined}`));
    },
  };
  const resting = rest(book, () => false);
  await pause(200);
  assert.deepEqual(done, []);
  answered.resolve();
  await Promise.all([first, resting]);
  await pause(200);
  assert.deepEqual(done, ["first", "at rest, free: true", "later, free: true", "second", "second got a turn: true"]);
  rmSync(base, { recursive: true });
});

test("a tool that has ended meanwhile is no reason to stop", async (context) => {
  const kill = context.mock.method(process, "kill", () => true);
  await rest({ quiet: async (work) => work() }, () => true);
  assert.equal(kill.mock.callCount(), 0);
  await rest({ quiet: async (work) => work() }, () => false);
  assert.deepEqual(kill.mock.calls[0]?.arguments, [0, "SIGTSTP"]);
});
