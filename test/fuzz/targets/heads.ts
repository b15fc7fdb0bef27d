// Header blocks of HTTP/2 and the texts in them: what is read is read back after our own writing, and the runtime's own HTTP/2
// reads the same fields in what we wrote.

import assert from "node:assert/strict";
import { splitFields } from "../../../src/gateway/http2/field-rules.ts";
import { HeadReader } from "../../../src/gateway/http2/head-reader.ts";
import { HeadWriter } from "../../../src/gateway/http2/head-writer.ts";
import { huffmanSize, readHuffman, writeHuffman } from "../../../src/gateway/http2/huffman.ts";
import { limits as all } from "../../../src/gateway/limits.ts";
import vectors from "../../../vectors/gateway/header-blocks.json" with { type: "json" };
import { latin1, type Target } from "../target.ts";

const limits = { ...all, head: 2048 };

function check(bytes: Buffer): string {
  const text = readHuffman(bytes);
  if (text !== undefined) {
    const again = Buffer.alloc(huffmanSize(text));
    writeHuffman(text, again, 0);
    assert.ok(again.equals(bytes), "two ways to write one text");
  }
  // two blocks, the second of which may lean on the first
  const reader = new HeadReader(limits);
  const at = 1 + ((bytes[0] ?? 0) % 32);
  checkBefore(bytes.subarray(1, at));
  const told: string[] = [];
  for (const block of [bytes.subarray(1, at), bytes.subarray(at)]) {
    const fields = reader.read(block);
    told.push(
      fields === undefined
        ? "unreadable"
        : `${Math.min(6, fields.list.length)} ${fields.never.size > 0} ${fields.long}`,
    );
    if (fields === undefined) break;
    const size = fields.list.reduce((sum, part) => sum + part.length, 0);
    assert.ok(size + 16 * fields.list.length <= limits.head, "more fields are kept than may be");
    const written = new HeadReader(limits).read(new HeadWriter().write(fields.list, fields.never));
    assert.deepEqual(written?.list, fields.list);
    // a name that stood once in each way is kept out of tables wherever it stands
    assert.deepEqual([...(written?.never ?? [])].sort(), [...fields.never].sort());
    const split = splitFields(fields.list, [":method", ":path"]);
    told.push(typeof split === "string" ? split.slice(0, 20) : "well formed");
  }
  return told.join();
}

/** A field that no table may hold, in either way to name it: told as such, and changing nothing behind it. */
const kept = ["\x10\x01n\x01v", "\x1f\x00\x01v"].map(latin1);

function checkBefore(block: Buffer): void {
  if ((block[0] ?? 0) >> 5 === 1) return;
  const alone = new HeadReader(limits).read(block);
  for (const [at, field] of kept.entries()) {
    const both = new HeadReader(limits).read(Buffer.concat([field, block]));
    const name = ["n", "accept-charset"][at] ?? "";
    assert.equal(both === undefined, alone === undefined);
    if (both === undefined || alone === undefined || both.long) continue;
    assert.deepEqual(both.list, [name, "v", ...alone.list]);
    assert.ok(both.never.has(name), "a table could hold what none may");
  }
}

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(" ", ""), "hex");
export const target: Target = {
  seeds: vectors.cases.map(({ blocks }) =>
    Buffer.concat([Buffer.from([31]), ...blocks.map(([block]) => hex(String(block)))]),
  ),
  words: [
    "\x20",
    "\x3f\xe1\x1f",
    "\x82",
    "\xbe",
    "\x40\x01a\x01b",
    "\x10\x01a\x01b",
    "\x0f\x2f\x01x",
    "\x7f\x80\x80\x80\x80\x10",
    "\x00\x81\x1f\x81\xff",
  ],
  longest: 400,
  run: check,
};
