// Lines, values and frames: what is too long, broken or nested is passed on unread, and what follows is read where it can be.

import assert from "node:assert/strict";
import { test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { crc32, openEventStream, writeFrame } from "../amazon/event-stream.ts";
import type { FrameReader } from "./framing.ts";
import { openLines } from "./lines.ts";
import { openSseFrames } from "./sse.ts";
import { openValues } from "./values.ts";

/** What is a message, and all that was passed on. */
function read(reader: FrameReader, ...chunks: readonly (string | Buffer)[]) {
  const parts = [...chunks.flatMap((chunk) => reader.push(Buffer.from(chunk))), ...reader.end()];
  assert.deepEqual(
    Buffer.concat(parts.map(({ raw }) => raw)),
    Buffer.concat(chunks.map((chunk) => Buffer.from(chunk))),
  );
  return parts.flatMap((part) => (part.kind === "message" ? [String(part.data)] : []));
}

const long = "a".repeat(40);

test("a line that is too long, in pieces, and the next", () => {
  assert.deepEqual(read(openLines(64), long, long, `b\n{"c":1}\n`, "end"), ['{"c":1}', "end"]);
});

test("a value that is too long, in pieces, and the next", () => {
  assert.deepEqual(read(openValues(64), `[{"a":"${long}`, long, `b"},{"c":1}]`), ['{"c":1}']);
});

test("elements of the outermost array alone; quotes, brackets and backslashes in a string; ends of nothing", () => {
  const inner = String.raw`{"a":"}]\"}","b":[{"c":"\\"}]}`;
  assert.deepEqual(read(openValues(), `[${inner},{"d":[]}]`), [inner, '{"d":[]}']);
  assert.deepEqual(read(openValues(), ` ${inner}`), [inner]);
  assert.deepEqual(read(openValues(), '1 ]}] {"a":1}'), ['{"a":1}']);
});

const frame = (payload: string, headers = ""): Buffer =>
  writeFrame(Buffer.from(headers, "latin1"), Buffer.from(payload));
const tampered = (octets: Buffer, at: number): Buffer => {
  const changed = Buffer.from(octets);
  changed[at] = (changed[at] ?? 0) ^ 1;
  return changed;
};

test("frames whose sums do not hold, that are too long or too short for themselves: they and all behind them", () => {
  const good = frame('{"a":1}');
  assert.deepEqual(read(openEventStream(), good, good), ['{"a":1}', '{"a":1}']);
  // the sum of the beginning, of all, and the payload
  for (const at of [8, good.length - 1, 14]) assert.deepEqual(read(openEventStream(), tampered(good, at), good), []);
  // a length that its own sum does not bear out is waited for by nobody
  assert.equal(openEventStream().push(tampered(good, 2)).length, 1);
  assert.deepEqual(read(openEventStream(64), frame(JSON.stringify(long + long)), good), []);
  for (const [size, headers] of [
    [12, 0],
    [40, 200],
  ] as const) {
    const odd = Buffer.alloc(40);
    odd.writeUInt32BE(size, 0);
    odd.writeUInt32BE(headers, 4);
    odd.writeUInt32BE(crc32(odd.subarray(0, 8)), 8);
    assert.deepEqual(read(openEventStream(), odd, good), []);
  }
});

test("a reply within is one where it is JSON; a header that is cut says no type", () => {
  const bytes = (text: string): string => JSON.stringify({ bytes: Buffer.from(text).toString("base64") });
  assert.deepEqual(read(openEventStream(), frame(bytes('{"b":1}'))), ['{"b":1}']);
  assert.deepEqual(read(openEventStream(), frame(bytes("no JSON"))), [bytes("no JSON")]);
  assert.deepEqual(read(openEventStream(), frame("{}", "\x0b:event-type\x07")), ["{}"]);
});

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

const text = "a".repeat(60_000);
for (const [framing, open, octets] of [
  ["lines", openLines, Buffer.from(text)],
  ["values", openValues, Buffer.from(`{"a":"${text}`)],
  ["events", openSseFrames, Buffer.from(`data: ${text}`)],
  ["frames", openEventStream, frame(JSON.stringify(text)).subarray(0, -1)],
] as const)
  test(`${framing}: a message costs no more for coming octet by octet`, (context) => {
    const joined = context.mock.method(Buffer, "concat");
    const inUse = (): number => {
      collectGarbage();
      const { heapUsed, external } = process.memoryUsage();
      return heapUsed + external;
    };
    const reader = open();
    const before = inUse();
    for (let at = 0; at < octets.length; at += 1) assert.deepEqual(reader.push(octets.subarray(at, at + 1)), []);
    const grown = inUse() - before;
    assert.ok(grown < 2_500_000, `${grown} octets more`);
    const [rest] = reader.end();
    assert.equal(rest?.raw.length, octets.length);
    const copied = joined.mock.calls.reduce((sum, { result }) => sum + (result?.length ?? 0), 0);
    assert.ok(copied <= 2 * octets.length, `${copied} octets were joined`);
  });
