// What came in, at the inspector's desk: what is no text, what is cut, what is one's own, what changes, and what is told of much.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from "node:zlib";
import { parseHost } from "../../domain/brand.ts";
import type { Span } from "../../domain/span.ts";
import { keyHashes } from "../../inspection/source/keyed.ts";
import { publicPrintOf } from "../../inspection/source/print.ts";
import { openIncoming } from "./incoming.ts";
import { decode } from "./incoming-decoding.ts";

const host = parseHost("web.example") ?? assert.fail();
const prose = (seed: string, lines = 12): string =>
  Array.from(
    { length: lines },
    (_, at) => `${createHash("md5").update(`${seed} ${at}`).digest("hex")} stands here.`,
  ).join("\n");
const span = (text: string): Span => {
  const place = { from: 0, to: text.length, escaped: false };
  return { role: "result", kind: "text", path: "p", place, text, fixed: false };
};
const key = Buffer.alloc(32, 9);
const open = () => openIncoming({ key, hash: (text) => text, open: () => [], isOwn: () => false });
type Desk = ReturnType<typeof open>;
const enter = (desk: Desk, octets: Buffer | string, more: { coding?: string; cut?: boolean } = {}) =>
  desk.enter({ host, kind: "network", coding: "", cut: false, ...more, octets: Buffer.from(octets) });
const dependency = (text: string) =>
  ({ kind: "dependency", path: "node_modules/a/x.md", group: "a", code: false, octets: Buffer.from(text) }) as const;

test("beyond a NUL it is no text; what cannot be decoded, or was cut, is told as missed", () => {
  const desk = open();
  assert.deepEqual(enter(desk, `\0${prose("a")}`), { octets: 0, covert: [], missed: 0 });
  assert.deepEqual(desk.look([span(prose("a"))], "c").found, []);
  assert.deepEqual(enter(desk, "no gzip", { coding: "gzip" }), { octets: 0, covert: [], missed: 1 });
  assert.equal(enter(desk, prose("b"), { cut: true }).missed, 1);
  assert.equal(desk.look([], "c").missed, 2);
});

test("what is one's own is no evidence", () => {
  const desk = open();
  const { passages } = publicPrintOf(Buffer.from(prose("own")), keyHashes(key));
  desk.take({ kind: "own", passages });
  enter(desk, prose("own"));
  assert.deepEqual(desk.look([span(prose("own"))], "c").found, []);
});

test("what was said before a reply came is not from there, though dependencies change; of these it is told as they are", () => {
  const desk = open();
  assert.equal(desk.look([span(prose("a"))], "c").spans, 0);
  enter(desk, prose("a"));
  desk.take(dependency(prose("b")));
  assert.equal(desk.look([span(prose("a"))], "c").spans, 0);
  desk.take(dependency(prose("a")));
  assert.deepEqual(desk.look([span(prose("a"))], "c").counts, { dependency: 1, mcp: 0, network: 0 });
});

test("all are counted, two hundred told", () => {
  const desk = open();
  enter(desk, prose("a", 260 * 3));
  const lines = prose("a", 260 * 3).split("\n");
  const spans = Array.from({ length: 250 }, (_, at) => span(lines.slice(3 * at, 3 * at + 3).join("\n")));
  const told = desk.look(spans, "c");
  assert.deepEqual([told.found.length, told.spans], [200, 250]);
});

test("decoded as far as it came, and no further than is looked at", () => {
  const text = Buffer.from(prose("a", 400));
  const bomb = Buffer.alloc(9 * 2 ** 20);
  for (const [coding, pack] of [
    ["gzip", gzipSync],
    ["deflate", deflateSync],
    ["br", brotliCompressSync],
    ["zstd", zstdCompressSync],
  ] as const) {
    const packed = pack(text);
    assert.ok(decode(packed, coding)?.equals(text), coding);
    const part = decode(packed.subarray(0, packed.length - 6), coding);
    assert.ok(part !== undefined && text.subarray(0, part.length).equals(part), coding);
    assert.equal(decode(pack(bomb), coding), undefined, coding);
  }
});
