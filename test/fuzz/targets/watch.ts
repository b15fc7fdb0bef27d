// What the watch reads of a waiting call: the kernel's notice, and a path and arguments out of a hostile process's memory; never
// more than its bounds, and what it calls whole is what stands there.

import assert from "node:assert/strict";
import { limits } from "../../../src/boundary/linux/limits.ts";
import type { Part } from "../../../src/boundary/linux/watch/calls.ts";
import { openMemory } from "../../../src/boundary/linux/watch/memory.ts";
import { noticeBytes, parseNotice } from "../../../src/boundary/linux/watch/notice.ts";
import { openWritings } from "../../../src/boundary/linux/watch/writing.ts";
import type { Target } from "../target.ts";

const page = 4096;
const base = 0x5555_0000_0000;

/** Two pages, and nothing behind them. */
const memory = Buffer.alloc(2 * page);
let reads = 0;
const reader = openMemory((_pid: number, parts: readonly Part[], into: Buffer): number => {
  reads += 1;
  assert.ok(reads < 2000, "it reads without end");
  let done = 0;
  for (const { address, length } of parts) {
    const at = Number(address - BigInt(base));
    assert.ok(length > 0 && Number(address % BigInt(page)) + length <= page, "a part that crosses a page");
    if (at < 0 || at + length > memory.length) return done > 0 ? done : -14;
    memory.copy(into, done, at, at + length);
    done += length;
  }
  return done;
});

/** The input over and over; a list in it leads into this very memory. */
function fill(bytes: Buffer, list: number): void {
  reads = 0;
  memory.fill(bytes.length > 0 ? bytes : 0);
  for (let place = list; place + 8 <= memory.length; place += 8) {
    const low = memory.readUInt32LE(place);
    if (low === 0 && memory.readUInt32LE(place + 4) === 0) continue;
    memory.writeBigUInt64LE(BigInt(base + (low % (2 * page))), place);
  }
}

function textAt(memory: Buffer, at: number): Buffer | undefined {
  const end = memory.indexOf(0, at);
  return at < 0 || at >= memory.length || end < 0 ? undefined : memory.subarray(at, end);
}

function check(bytes: Buffer): string {
  const notice = Buffer.alloc(noticeBytes);
  bytes.copy(notice);
  const parsed = parseNotice(notice, "x64");
  assert.ok(parsed.path >= 0 && parsed.arguments >= 0);
  const writing = openWritings("x64")(notice);
  const [at, list] = [parsed.path, parsed.arguments].map((address) => Number(address % BigInt(2 * page))) as [
    number,
    number,
  ];
  fill(bytes.subarray(noticeBytes), list);
  const called = reader.call(1, BigInt(base + at), BigInt(base + list));
  const truth = textAt(memory, at);
  if (typeof called.path === "object") assert.ok(truth?.equals(called.path), "another path than stands there");
  else assert.ok(truth === undefined || truth.length >= limits.pathBytes, `${called.path}, and it stands there`);
  assert.ok(called.arguments.length <= limits.execArguments);
  assert.ok(called.arguments.join("").length <= limits.execBytes + 256);
  if (called.whole) {
    for (const [index, word] of called.arguments.entries()) {
      const place = Number(memory.readBigUInt64LE(list + 8 * index)) - base;
      assert.equal(word, textAt(memory, place)?.toString(), "another argument than stands there");
    }
    assert.equal(memory.readBigUInt64LE(list + 8 * called.arguments.length), 0n, "an argument was left out");
  }
  return `${typeof called.path === "object" ? "path" : called.path} ${called.whole} ${Math.min(4, called.arguments.length)} ${parsed.itself} ${parsed.trying} ${writing?.call}`;
}

function seed(call: number, flags: number, rest: string): Buffer {
  const notice = Buffer.alloc(noticeBytes);
  notice.writeInt32LE(call, 16);
  notice.writeUInt32LE(0xc000_003e, 20);
  notice.writeBigUInt64LE(64n, 32);
  notice.writeBigUInt64LE(8n, 40);
  notice.writeUInt32LE(flags, 64);
  return Buffer.concat([notice, Buffer.from(rest, "latin1")]);
}

export const target: Target = {
  seeds: [
    seed(59, 0, `/usr/bin/tool\0\0\0\x40\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0`),
    seed(322, 0x1000, "\0".repeat(8) + "\x01\0\0\0\0\0\0\0".repeat(300)),
    seed(82, 0, "a".repeat(500)),
    seed(257, 0x41, "\xff\xfe\0".repeat(300)),
  ],
  words: ["\0\0\0\0\0\0\0\0", "\x01\0\0\0\0\0\0\0", "\xff\x0f\0\0\0\0\0\0", "\x00\x10", "\xff\x1f", "a".repeat(256)],
  longest: 2000,
  run: check,
};
