// What is remembered of which file: for later sessions only what nobody inside can write.

import assert from "node:assert/strict";
import { closeSync, constants, fstatSync, mkdtempSync, openSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { limits } from "../limits.ts";
import { type Digests, type ExecutedFile, openDigests } from "./digests.ts";

async function withFiles(work: (open: (name: string, steady: boolean) => ExecutedFile) => void): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "postern-digests-"));
  const opened: number[] = [];
  try {
    for (const [name, bytes] of [
      ["small", 10],
      ["large", 2 * limits.hashedFirst],
      ["huge", limits.hashedLater],
      ["endless", limits.hashedLater + 1],
    ] as const) {
      writeFileSync(join(folder, name), "");
      truncateSync(join(folder, name), bytes);
    }
    await sleep(2 * limits.freshMs);
    work((name, steady) => {
      const descriptor = openSync(join(folder, name), constants.O_RDONLY);
      opened.push(descriptor);
      return { descriptor, stats: fstatSync(descriptor, { bigint: true }), steady };
    });
  } finally {
    for (const descriptor of opened) closeSync(descriptor);
    rmSync(folder, { recursive: true });
  }
}

function computed(digests: Digests, file: ExecutedFile): void {
  const work = digests.compute(file, Date.now());
  while (work.next().done !== true);
}

test("kept for later sessions is what cannot be written; in this one what is large, too, but not for an answer", async () => {
  await withFiles((open) => {
    for (const [name, steady, known, sure, learnt] of [
      ["small", true, true, true, 0],
      ["small", false, false, false, 0],
      ["large", true, true, true, 1],
      ["large", false, true, false, 0],
    ] as const) {
      const digests = openDigests([]);
      const file = open(name, steady);
      computed(digests, file);
      const told = [digests.known(file), digests.known(file, true)].map((content) => content !== undefined);
      assert.deepEqual([...told, digests.learnt().length], [known, sure, learnt], `${name} ${steady}`);
    }
  });
});

test("so much may wait, each file once, and no more until it is let go", async () => {
  await withFiles((open) => {
    const { claim, release } = openDigests([]);
    const [large, huge, endless] = ["large", "huge", "endless"].map((name) => open(name, false).stats);
    assert.ok(large && huge && endless);
    assert.equal(claim(endless), false);
    assert.deepEqual([claim(huge), claim(huge), claim(large)], [true, true, false]);
    release(huge);
    assert.equal(claim(large), false, "it is still held once");
    release(huge);
    assert.deepEqual([claim(large), claim(huge)], [true, false]);
  });
});
