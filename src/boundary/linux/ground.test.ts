// Ground broken before there is a plan: nothing inside before the order to run, nothing left where nobody enters. Needs
// what the boundary needs. Judged by the host's process table.

import assert from "node:assert/strict";
import { readdirSync, readlinkSync } from "node:fs";
import { test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { Fault } from "../../domain/fault.ts";
import type { Identity } from "../contract.ts";
import { childrenOf } from "./doors/owners.ts";
import { breakGround } from "./ground.ts";
import { plan } from "./trial.ts";

const children = (pid: number): readonly number[] => childrenOf("/proc", pid);
/** Of the descriptors of this process, those that are sockets or terminals. */
const sockets = (): number =>
  readdirSync("/proc/self/fd").filter((name) => /^socket:|ptmx/.test(target(`/proc/self/fd/${name}`))).length;

function target(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return "";
  }
}

test("real boundary: ground nobody enters leaves no process and no socket", { timeout: 60_000 }, async () => {
  const before = sockets();
  const ground = breakGround();
  while (children(process.pid).length === 0) await setImmediate(); // it was begun; else the time limit
  await ground[Symbol.asyncDispose]();
  assert.deepEqual(children(process.pid), []);
  while (sockets() > before) await setImmediate(); // pipes to the helper close when their end is read; else the time limit
  await assert.rejects(ground.enter(plan()), Fault);
});

test("real boundary: before the order to run there is the helper and nothing in it", { timeout: 60_000 }, async () => {
  await using ground = breakGround();
  await using walls = await ground.enter(plan());
  const [unshare = 0] = children(process.pid);
  const [helper = 0, ...others] = children(unshare);
  assert.deepEqual([helper > 0, others, children(helper)], [true, [], []]);
  await assert.rejects(ground.enter(plan()), /used already/);
  assert.equal((await walls.run(["true"])).code, 0);
});

test("real boundary: a plan that is refused takes the ground with it", { timeout: 60_000 }, async () => {
  const root: Identity = { ...plan().identity, uid: 0 };
  const ground = breakGround();
  await assert.rejects(ground.enter(plan({ identity: root })), /not a plain user/);
  assert.deepEqual(children(process.pid), []);
});
