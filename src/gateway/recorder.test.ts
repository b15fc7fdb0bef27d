import assert from "node:assert/strict";
import { test } from "node:test";
import type { Entry } from "../domain/entry.ts";
import { openRecorder } from "./recorder.ts";

const entry: Entry = { kind: "request" };

test("after one lost entry none is tried again, even where the store has recovered", async () => {
  let tried = 0;
  const recorder = openRecorder(async () => {
    tried += 1;
    if (tried === 1) throw new Error("disk full");
    return { index: tried };
  });
  await assert.rejects(recorder.enter(entry), { code: "record" });
  await assert.rejects(recorder.enter(entry), { code: "record" });
  assert.equal(tried, 1);
  assert.ok(recorder.broken());
  await assert.rejects(recorder.failed, { code: "record" });
});

test("an entry that became durable after another was lost gives no receipt", async () => {
  const { promise, resolve } = Promise.withResolvers<{ index: number }>();
  let tried = 0;
  const recorder = openRecorder(() => {
    tried += 1;
    return tried === 1 ? promise : Promise.reject(new Error("disk full"));
  });
  const first = assert.rejects(recorder.enter(entry), { code: "record" });
  await assert.rejects(recorder.enter(entry), { code: "record" });
  resolve({ index: 0 });
  await first;
});

test("settled waits for what was noted, lost or not", async () => {
  const { promise, resolve } = Promise.withResolvers<{ index: number }>();
  const recorder = openRecorder(() => promise);
  recorder.note(entry);
  let done = false;
  const settled = recorder.settled().then(() => {
    done = true;
  });
  await Promise.resolve();
  assert.equal(done, false);
  resolve({ index: 0 });
  await settled;
});
