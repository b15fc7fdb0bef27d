// Header blocks, read and written: the vectors of RFC 7541, every octet, every cut, and a bomb.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import vectors from "../../../vectors/gateway/header-blocks.json" with { type: "json" };
import { limits } from "../limits.ts";
import { HeadReader } from "./head-reader.ts";
import { HeadWriter } from "./head-writer.ts";
import { huffmanSize, readHuffman, writeHuffman } from "./huffman.ts";

const bytesOf = (hex: string) => Buffer.from(hex.replaceAll(" ", ""), "hex");
const nobody: ReadonlySet<string> = new Set();

interface Case {
  readonly name: string;
  readonly blocks: readonly (readonly (string | readonly string[])[])[];
  readonly never?: readonly string[];
}
const cases: readonly Case[] = vectors.cases;

for (const { name, blocks, never = [] } of cases) {
  test(`read: ${name}`, () => {
    const reader = new HeadReader(limits);
    for (const [hex, list] of blocks) {
      const fields = reader.read(bytesOf(String(hex)));
      assert.deepEqual(fields?.list, list);
      assert.deepEqual([...(fields?.never ?? [])], never);
    }
  });
}

for (const { name, block } of vectors.refused) {
  test(`refused: ${name}`, () => assert.equal(new HeadReader(limits).read(bytesOf(block)), undefined));
}

function shorten(text: string): Buffer {
  const bytes = Buffer.alloc(huffmanSize(text));
  writeHuffman(text, bytes, 0);
  return bytes;
}

test("every text is read back as it was shortened", () => {
  const octets = fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes).toString("latin1"));
  fc.assert(fc.property(octets, (text) => assert.equal(readHuffman(shorten(text)), text)));
  assert.equal(shorten("www.example.com").toString("hex"), "f1e3c2e5f23a6ba0ab90f4ff");
});

test("what is read as a text is the one way to write it", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      const text = readHuffman(Buffer.from(bytes));
      if (text !== undefined) assert.deepEqual(shorten(text), Buffer.from(bytes));
    }),
    { numRuns: 5000 },
  );
});

const text = fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes).toString("latin1"));
const names = fc.constantFrom(":path", "authorization", "cookie", "x-own", ":status", "accept");
const lists = fc.array(fc.tuple(names, text), { maxLength: 12 }).map((pairs) => pairs.flat());

test("heads are read back as they were written, flags that forbid a table kept", () => {
  fc.assert(
    fc.property(fc.array(lists, { maxLength: 4 }), fc.subarray(["cookie", "x-own"]), (heads, forbidden) => {
      const writer = new HeadWriter();
      const reader = new HeadReader(limits);
      for (const list of heads) {
        const fields = reader.read(writer.write(list, new Set(forbidden)));
        assert.deepEqual(fields?.list, list);
        const expected = forbidden.filter((name) => list.some((part, at) => at % 2 === 0 && part === name));
        assert.deepEqual([...(fields?.never ?? [])].toSorted(), expected.toSorted());
      }
    }),
  );
});

test("what is written puts nothing into the other end's table", () => {
  const writer = new HeadWriter();
  const reader = new HeadReader(limits);
  reader.read(writer.write(["authorization", "Bearer sk-real", "x-a", "b"], nobody));
  assert.equal(reader.read(Buffer.from([0xbe])), undefined);
});

test("no bytes make the reader throw, and it never gives more than the bound", () => {
  const small = { ...limits, head: 500 };
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 120 }), { maxLength: 3 }), (blocks) => {
      const reader = new HeadReader(small);
      for (const block of blocks) {
        const fields = reader.read(Buffer.from(block));
        if (fields === undefined) return;
        const size = fields.list.reduce((sum, part) => sum + part.length + 16, 0);
        assert.ok(size <= small.head);
      }
    }),
    { numRuns: 5000 },
  );
});

test("a small block that names a large field many times is read, and not kept", () => {
  const writer = Buffer.concat([Buffer.from([0x40, 1, 0x61, 0x7f, 0xa1, 0x1e]), Buffer.alloc(4000, 0x62)]);
  const reader = new HeadReader(limits);
  assert.equal(reader.read(writer)?.list[1]?.length, 4000);
  const fields = reader.read(Buffer.alloc(60_000, 0xbe));
  assert.equal(fields?.long, true);
  assert.ok((fields?.list.length ?? 0) <= 2 * Math.floor(limits.head / 4000));
  // what came behind the bound counts for the blocks to come all the same
  assert.equal(reader.read(Buffer.from([0xbe]))?.list[0], "a");
});
