// However the octets are cut, the same events come out, and together they are the octets that went in.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { openSse, openSseFrames, type SsePart } from "./sse.ts";

function readIn(chunks: readonly Buffer[], longest?: number): readonly SsePart[] {
  const reader = openSse(longest);
  return [...chunks.flatMap((chunk) => reader.push(chunk)), ...reader.end()];
}

function cut(bytes: Buffer, places: readonly number[]): readonly Buffer[] {
  const ends = [...new Set(places.map((place) => place % (bytes.length + 1)))].sort((a, b) => a - b);
  return [...ends, bytes.length].map((end, at) => bytes.subarray(at === 0 ? 0 : ends[at - 1], end));
}

const dataOf = (parts: readonly SsePart[]): readonly (string | undefined)[] =>
  parts.flatMap((part) => (part.kind === "event" ? [part.data?.toString()] : []));

test("events as vendors write them, with every line end there is", () => {
  for (const end of ["\n", "\r\n", "\r"]) {
    const text = [
      "event: ping",
      'data: {"a":1}',
      "",
      "data:x",
      "data: y",
      "",
      ": comment",
      "",
      "id: 7",
      "data",
      "",
      "",
    ].join(end);
    const parts = readIn([Buffer.from(text)]);
    assert.deepEqual(dataOf(parts), ['{"a":1}', "x\ny", ""], JSON.stringify(end));
    const [first] = parts;
    assert.ok(first?.kind === "event" && first.type === "ping" && first.place !== undefined);
    assert.equal(first.raw.toString("utf8", first.place.from, first.place.to), '{"a":1}');
  }
});

test("whatever comes, in whatever pieces: the same parts, and no octet lost, added or moved", () => {
  const piece = fc.constantFrom(
    "data",
    ":",
    " ",
    "\n",
    "\r",
    "\r\n",
    "event",
    "x",
    "\n\n",
    '{"a":"é"}',
    "\ufeff",
    "id: 1",
    "\r\r",
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 60 }), fc.array(fc.nat(), { maxLength: 12 }), (pieces, places) => {
      const bytes = Buffer.from(pieces.join(""));
      const [whole, parted] = [readIn([bytes]), readIn(cut(bytes, places))];
      assert.deepEqual(Buffer.concat(parted.map(({ raw }) => raw)), bytes);
      assert.deepEqual(dataOf(parted), dataOf(whole), JSON.stringify(bytes.toString()));
    }),
    { numRuns: 3_000 },
  );
});

test("an event past the bound is passed on unread, and the next one is read", () => {
  const chunks = [`data: ${"a".repeat(50)}`, "b".repeat(50), "\n\ndata: next\n\n"].map((text) => Buffer.from(text));
  const parts = readIn(chunks, 64);
  assert.deepEqual(dataOf(parts), ["next"]);
  assert.deepEqual(Buffer.concat(parts.map(({ raw }) => raw)), Buffer.concat(chunks));
});

test("what follows in a line of its own is still the event that is too long", () => {
  const chunks = [`data: ${"a".repeat(80)}`, "b\ndata: x\n\n", "data: next\n\n"].map((text) => Buffer.from(text));
  assert.deepEqual(dataOf(readIn(chunks, 64)), ["next"]);
});

test("a mark before the first event is no part of its name", () => {
  assert.deepEqual(dataOf(readIn([Buffer.from("\ufeffdata: x\n\n")])), ["x"]);
});

test("an event of several lines of data is nobody's to change", () => {
  const reader = openSseFrames();
  const kinds = reader.push(Buffer.from("data: a\ndata: b\n\ndata: c\n\n")).map(({ kind }) => kind);
  assert.deepEqual(kinds, ["rest", "message"]);
});
