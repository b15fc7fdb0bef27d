// Another process's memory is a map of pages here; what lies in it is whatever an attacker likes.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { limits } from "../limits.ts";
import type { Part } from "./calls.ts";
import { openMemory } from "./memory.ts";

const page = 4_096;

class Foreign {
  readonly pages = new Map<number, Buffer>();

  put(address: number, bytes: Buffer): number {
    for (const [index, byte] of bytes.entries()) {
      const number = Math.floor((address + index) / page);
      const held = this.pages.get(number) ?? Buffer.alloc(page, 0xaa);
      this.pages.set(number, held);
      held[(address + index) % page] = byte;
    }
    return address;
  }

  /** Pointers, ended by a null. */
  putList(address: number, places: readonly number[]): number {
    const bytes = Buffer.alloc(8 * (places.length + 1));
    for (const [index, place] of places.entries()) bytes.writeBigUInt64LE(BigInt(place), 8 * index);
    return this.put(address, bytes);
  }

  /** process_vm_readv(2): in order, whole parts, until one that cannot be read. */
  readonly read = (_pid: number, parts: readonly Part[], into: Buffer): number => {
    let done = 0;
    for (const { address, length } of parts) {
      const held = this.pages.get(Number(address / BigInt(page)));
      const from = Number(address % BigInt(page));
      assert.ok(from + length <= page, "a part crosses a page");
      if (held === undefined) return done > 0 ? done : -14;
      held.copy(into, done, from, from + length);
      done += length;
    }
    return done;
  };
}

const text = (words: string): Buffer => Buffer.from(`${words}\0`);
const base = 0x5555_0000_0000;

test("path and arguments, wherever they lie, across pages and near their ends", () => {
  const words = fc.array(
    fc.string({ unit: "binary", maxLength: 700 }).map((word) => word.replaceAll("\0", "")),
    { maxLength: 90 },
  );
  fc.assert(
    fc.property(words, fc.nat(page), fc.nat(300), fc.nat(page), (given, start, gap, listAt) => {
      const held = Buffer.concat(given.map(text)).length;
      fc.pre(held < limits.execBytes && Buffer.byteLength(given[0] ?? "") < 256);
      const memory = new Foreign();
      let at = base + start;
      const places = given.map((word) => {
        const place = memory.put(at, text(word));
        at += text(word).length + gap;
        return place;
      });
      const path = memory.put(base - 300 + (start % 200), text("/usr/bin/x"));
      const list = memory.putList(base + 2 ** 30 + listAt, places);
      const called = openMemory(memory.read).call(1, BigInt(path), BigInt(list));
      assert.deepEqual(called.path.toString(), "/usr/bin/x");
      assert.deepEqual(called.arguments, given);
      assert.equal(called.whole, true);
    }),
    { numRuns: 60 },
  );
});

test("no list, an empty one, one that never ends, one beyond mapped memory", () => {
  const memory = new Foreign();
  const path = memory.put(base, text("/x"));
  const reader = openMemory(memory.read);
  const read = (list: number) => {
    const { arguments: words, whole } = reader.call(1, BigInt(path), BigInt(list));
    return { count: words.length, whole };
  };
  assert.deepEqual(read(0), { count: 0, whole: true });
  assert.deepEqual(read(memory.putList(base + 8, [])), { count: 0, whole: true });
  assert.deepEqual(read(0x666), { count: 0, whole: false });
  const endless = Array.from({ length: 3_000 }, () => path);
  assert.deepEqual(read(memory.putList(base + 2 ** 30, endless)), { count: limits.execArguments, whole: false });
  const edge = base + 2 ** 31;
  memory.putList(edge + page - 16, [path]);
  memory.put(edge + page - 8, Buffer.from("ffffffffffffff00", "hex"));
  assert.equal(read(edge + page - 16).whole, false);
});

test("an argument too long, unreadable or no text is said to be", () => {
  const memory = new Foreign();
  const path = memory.put(base, text("/x"));
  const reader = openMemory(memory.read);
  const read = (bytes: Buffer | undefined) => {
    const place = bytes === undefined ? 0xdead_0000_0000 : memory.put(base + 2 ** 32, bytes);
    return reader.call(1, BigInt(path), BigInt(memory.putList(base + 64, [path, place, path])));
  };
  const long = read(text("a".repeat(limits.execBytes + 1)));
  assert.deepEqual([long.whole, long.arguments[0], long.arguments[2]], [false, "/x", "/x"]);
  assert.match(long.arguments[1] ?? "", /^a{200,}$/);
  assert.deepEqual([read(undefined).whole, read(undefined).arguments], [false, ["/x", "", "/x"]]);
  assert.equal(read(Buffer.from([0xff, 0xfe, 0])).whole, false);
  assert.equal(read(text("é€")).whole, true);
  const name = memory.put(base + 2 ** 33, text("n".repeat(20_000)));
  const named = reader.call(1, BigInt(path), BigInt(memory.putList(base + 64, [name, path, path])));
  assert.deepEqual([named.whole, named.arguments.slice(1)], [false, ["/x", "/x"]], "a long name hides no argument");
  assert.equal(read(text("a".repeat(limits.execBytes))).whole, false, "its NUL and the other two no longer fit");
});

test("a path that cannot be read, and one that never ends", () => {
  const memory = new Foreign();
  memory.put(base, Buffer.alloc(3 * page, 0x61));
  const reader = openMemory(memory.read);
  assert.equal(reader.call(1, 0xdead_0000_0000n, 0n).path, "unreadable");
  assert.equal(reader.call(1, BigInt(base + 2 * page + 1), 0n).path, "unreadable", "runs out of memory before it ends");
  assert.equal(reader.call(1, BigInt(base), 0n).path, "endless");
  assert.equal(reader.text(1, BigInt(base), 100), "endless");
});

test("every bit of an address counts, however high it lies", () => {
  const [path, list] = [2n ** 55n + 3n, 0xb400_7fff_0000_1001n];
  const held = new Map<bigint, Buffer>([
    [path, text("/usr/bin/git")],
    [list, Buffer.alloc(8 * 64)],
    [2n ** 55n, text("/usr/bin/true")],
  ]);
  held.get(list)?.writeBigUInt64LE(path);
  const asked: bigint[] = [];
  const reader = openMemory((_pid, parts, into) => {
    let done = 0;
    for (const { address, length } of parts) {
      asked.push(address);
      const bytes = held.get(address);
      if (bytes === undefined) return done;
      bytes.copy(into, done);
      done += length;
    }
    return done;
  });
  const called = reader.call(1, path, list);
  assert.deepEqual([called.path.toString(), called.arguments], ["/usr/bin/git", ["/usr/bin/git"]]);
  assert.deepEqual(new Set(asked), new Set([path, list]));
});

test("whatever lies there, the answer is bounded", () => {
  const chunk = fc.record({ at: fc.nat(64 * page), bytes: fc.uint8Array({ minLength: 1, maxLength: 600 }) });
  fc.assert(
    fc.property(fc.array(chunk, { maxLength: 40 }), fc.nat(64 * page), fc.nat(64 * page), (chunks, path, list) => {
      const memory = new Foreign();
      for (const { at, bytes } of chunks) memory.put(at, Buffer.from(bytes));
      const called = openMemory(memory.read).call(1, BigInt(path), BigInt(list));
      assert.ok(called.arguments.length <= limits.execArguments);
      assert.ok(called.arguments.join("").length <= limits.execBytes + 256);
      assert.ok(typeof called.path === "string" || called.path.length <= limits.pathBytes);
    }),
    { numRuns: 200 },
  );
});
