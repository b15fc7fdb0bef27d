// What is inflated of one body: what it becomes, and that all of it together is bounded, in octets and in memory.

import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { deflateSync, gzipSync } from "node:zlib";
import { inflateBounds, openInflate } from "./inflating.ts";

const broken = Buffer.from("1f8b08000000000000030102030405060708", "hex");
const sound = gzipSync("a text of some length");
const most = 4_000_000;

test("what is packed becomes what it was; what is none, or larger, is said to be", () => {
  const inflate = openInflate();
  assert.equal(inflate(sound, most)?.toString(), "a text of some length");
  assert.equal(inflate(deflateSync("another"), most)?.toString(), "another");
  assert.equal(inflate(broken, most), undefined);
  assert.equal(inflate(gzipSync(Buffer.alloc(5_000)), 4_999), "more");
});

test("the body that comes next has all of it again", async () => {
  const inflate = openInflate();
  for (let tries = 0; tries < inflateBounds.octets / inflateBounds.nothing; tries += 1)
    assert.equal(inflate(broken, most), undefined);
  assert.equal(inflate(sound, most), "more");
  await turn();
  assert.equal(inflate(sound, most)?.toString(), "a text of some length");
});

test("whole or larger than is opened, a bomb counts as what it becomes", () => {
  for (const size of [3_900_000, 4_100_000]) {
    const inflate = openInflate();
    const bomb = gzipSync(Buffer.alloc(size));
    for (let tries = 0; tries < 9; tries += 1) inflate(bomb, most);
    assert.equal(inflate(sound, most), "more", String(size));
  }
  const inflate = openInflate();
  for (let tries = 0; tries < 10_000; tries += 1) assert.notEqual(inflate(sound, most), "more");
});

/** Observed without the bound: 22 KB each, 2 GB of these. */
test("beginnings without an end, as many as a body has room for: their memory is bounded", () => {
  const inflate = openInflate();
  const before = process.memoryUsage().arrayBuffers;
  for (let tries = 0; tries < 100_000; tries += 1) inflate(broken, most);
  assert.ok(process.memoryUsage().arrayBuffers - before < 128 * 1024 * 1024);
});
