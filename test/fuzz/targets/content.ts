// Bodies with a Content-Encoding, and compressed messages of a WebSocket: what was looked at is what the runtime's own
// decoder makes of all of it, or it is unreadable; never more than the bound.

import assert from "node:assert/strict";
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from "node:zlib";
import { limits as all } from "../../../src/gateway/limits.ts";
import { ownBody } from "../../../src/gateway/requests/body.ts";
import { lookThrough } from "../../../src/gateway/requests/decoding.ts";
import { Inflation } from "../../../src/gateway/websocket/inflation.ts";
import { readingsOf } from "../decoded.ts";
import { latin1, pieces, type Target } from "../target.ts";

const limits = { ...all, decoded: 4096, window: 512, overlap: 64 };
const codings = ["gzip", "deflate", "deflate", "br", "zstd", "gzip, br", "identity"];

async function look(body: Buffer, coding: string) {
  let seen = Buffer.alloc(0);
  const why = await lookThrough(
    ownBody(body),
    coding,
    (window, offset) => {
      assert.ok(offset <= seen.length, "a gap between two windows");
      seen = Buffer.concat([seen.subarray(0, offset), window]);
    },
    limits,
  );
  return { seen, why };
}

async function inflate(bytes: Buffer, size: number) {
  const inflation = new Inflation(true, limits.decoded);
  let said = "";
  try {
    for (const piece of pieces(bytes, size)) {
      const told = await inflation.push(piece, false);
      if (typeof told === "string") return { said, why: told };
      said += told.toString("latin1");
    }
    const last = await inflation.push(Buffer.alloc(0), true);
    return typeof last === "string" ? { said, why: last } : { said: said + last.toString("latin1"), why: undefined };
  } finally {
    inflation.close();
  }
}

async function check(bytes: Buffer): Promise<string> {
  const [how = 0] = bytes;
  const body = bytes.subarray(1);
  if (how % 8 === 7) {
    const [whole, cut] = [await inflate(body, body.length + 1), await inflate(body, 2)];
    // which of two faults is met first depends on where it is cut
    assert.equal(cut.why === undefined, whole.why === undefined);
    if (whole.why === undefined) assert.equal(cut.said, whole.said);
    assert.ok(whole.said.length <= limits.decoded);
    return `message ${whole.why}`;
  }
  const coding = codings[how % 8] ?? "";
  const { seen, why } = await look(body, coding);
  assert.ok(seen.length <= limits.decoded + 65_536, "more was decoded than is taken");
  if (why !== undefined || body.length === 0) return `${coding} ${why}`;
  const truth = readingsOf(body, coding);
  assert.ok(truth !== undefined, "two codings were read as one");
  assert.ok(
    truth.some((bytes) => bytes.equals(seen)),
    "what was looked at is not what it decodes to",
  );
  if (coding !== "identity") {
    const more = await look(Buffer.concat([body, Buffer.from([7])]), coding);
    assert.notEqual(more.why, undefined, "what stands behind the end was not looked at");
  }
  return `${coding} read`;
}

const text = latin1("hello, hello, hello and so on\n".repeat(40));
const seed = (how: number, body: Buffer): Buffer => Buffer.concat([Buffer.from([how]), body]);
export const target: Target = {
  seeds: [
    seed(0, gzipSync(text)),
    seed(0, Buffer.concat([gzipSync(latin1("a")), gzipSync(latin1("b"))])),
    seed(1, deflateSync(text)),
    seed(2, deflateRawSync(text)),
    seed(3, brotliCompressSync(text)),
    seed(4, zstdCompressSync(text)),
    seed(6, text),
    seed(7, deflateRawSync(text)),
    seed(0, gzipSync(Buffer.alloc(100_000))),
  ],
  words: [
    "\x1f\x8b\x08\0\0\0\0\0\0\x03",
    "\x78\x9c",
    "\x28\xb5\x2f\xfd",
    "\0\0\xff\xff",
    "\x50\x2a\x4d\x18\x04\0\0\0abcd",
  ],
  run: check,
};
