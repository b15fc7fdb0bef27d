// A group that can be read no longer ends what is inside, and nothing else.

import assert from "node:assert/strict";
import { test } from "node:test";
import { countReached } from "./counting.ts";

test("what cannot be counted any more is a failure that is told, and the group is ended all the same", async () => {
  const gone = new Error("ENOENT: memory.events");
  const failed: unknown[] = [];
  const ended: unknown[] = [];
  const group = {
    procs: "",
    bound: () => undefined,
    reached: () => {
      throw gone;
    },
    end: () => Promise.resolve(void ended.push(gone)),
  };
  const counting = countReached(
    group,
    () => Promise.resolve(),
    (cause) => void failed.push(cause),
  );
  await counting.end();
  assert.deepEqual([failed, ended], [[gone], [gone]]);
});

test("what cannot be told is a failure, and the group is ended all the same", async () => {
  const lost = new Error("the record cannot be written");
  const failed: unknown[] = [];
  const ended: unknown[] = [];
  const group = {
    procs: "",
    bound: () => undefined,
    reached: () => [{ bound: "memory", times: 1 } as const],
    end: () => Promise.resolve(void ended.push(lost)),
  };
  const counting = countReached(
    group,
    () => Promise.reject(lost),
    (cause) => void failed.push(cause),
  );
  await counting.end();
  assert.deepEqual([failed, ended], [[lost], [lost]]);
});
