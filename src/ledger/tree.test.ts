import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import * as fc from "fast-check";
import { emptyRoot, Frontier, hashLeaf, hashNode } from "./tree.ts";

interface Vectors {
  readonly roots: readonly { readonly size: number; readonly root: string }[];
}
const vectors = JSON.parse(readFileSync(new URL("../../vectors/ledger/tree.json", import.meta.url), "utf8")) as Vectors;

void test("roots of an independent program", () => {
  const frontier = Frontier.empty();
  const entry = (index: number): string => `{"seq": ${index}, "t": "tool_call", "x": "${"y".repeat(index % 97)}"}`;
  for (const { size, root } of vectors.roots) {
    while (frontier.size < size) frontier.push(hashLeaf(Buffer.from(entry(frontier.size))));
    assert.equal(frontier.root().toString("base64"), root, `size ${size}`);
    const copy = Frontier.parse(size, frontier.serialise());
    assert.ok(copy?.root().equals(frontier.root()));
  }
});

/** RFC 6962 §2.1, word for word. */
function rootOf(hashes: readonly Buffer[]): Buffer {
  const [first] = hashes;
  if (first === undefined) return emptyRoot;
  if (hashes.length === 1) return first;
  let split = 1;
  while (split * 2 < hashes.length) split *= 2;
  return hashNode(rootOf(hashes.slice(0, split)), rootOf(hashes.slice(split)));
}

void test("the frontier's root is the definition's", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 40 }), (leaves) => {
      const hashes = leaves.map((leaf) => hashLeaf(leaf));
      const frontier = Frontier.empty();
      for (const hash of hashes) frontier.push(hash);
      assert.ok(frontier.root().equals(rootOf(hashes)));
    }),
  );
});

void test("bytes that cannot be a frontier of that size are refused", () => {
  assert.equal(Frontier.parse(3, Buffer.alloc(32)), undefined);
  assert.equal(Frontier.parse(-1, Buffer.alloc(0)), undefined);
  assert.equal(Frontier.parse(2 ** 53, Buffer.alloc(32)), undefined);
  assert.ok(Frontier.parse(2 ** 52 + 1, Buffer.alloc(64)));
});
