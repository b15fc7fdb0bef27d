// Coded replies: what passes is what came, octet for octet, and decodes to nothing with a credential in it, however it is cut.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import {
  brotliCompressSync,
  brotliDecompressSync,
  constants,
  createGunzip,
  createGzip,
  createZstdCompress,
  deflateRawSync,
  deflateSync,
  gunzipSync,
  gzipSync,
  inflateRawSync,
  inflateSync,
  zstdCompressSync,
  zstdDecompressSync,
} from "node:zlib";
import fc from "fast-check";
import type { Sieve } from "../../domain/sieve.ts";
import { limits } from "../limits.ts";
import { CodedReply } from "./coded-reply.ts";

const key = "sk-live-0123456789abcdef";

/** Seeks the one key, plainly written. */
function openSieve(): Sieve {
  let held = "";
  return {
    push: (chunk) => {
      const text = held + chunk.toString("latin1");
      if (text.includes(key)) return undefined;
      let keep = key.length - 1;
      while (!key.startsWith(text.slice(Math.max(0, text.length - keep))) && keep > 0) keep -= 1;
      held = keep === 0 ? "" : text.slice(Math.max(0, text.length - keep));
      return Buffer.from(text.slice(0, text.length - held.length), "latin1");
    },
    end: () => Buffer.from(held, "latin1"),
  };
}

interface Passed {
  readonly raw: Buffer;
  readonly why: string | undefined;
  readonly credential: boolean;
}

/** All of it, a piece at a time, as a connection would bring it. */
function pass(coding: string, pieces: readonly Buffer[], bounds = limits): Promise<Passed> {
  const { promise, resolve } = Promise.withResolvers<Passed>();
  const out: Buffer[] = [];
  const reply = new CodedReply(coding, openSieve(), {
    limits: bounds,
    reader: {
      pass: (raw) => out.push(raw),
      fail: (why, credential) => resolve({ raw: Buffer.concat(out), why, credential }),
      drained: () => undefined,
    },
  });
  for (const piece of pieces) reply.push(piece);
  reply.end(() => resolve({ raw: Buffer.concat(out), why: undefined, credential: false }));
  return promise;
}

function cut(bytes: Buffer, places: readonly number[]): readonly Buffer[] {
  const sorted = [...new Set(places.map((place) => place % (bytes.length + 1)))].toSorted((a, b) => a - b);
  return [0, ...sorted].map((from, at) => bytes.subarray(from, sorted[at] ?? bytes.length));
}

const codings = {
  gzip: [gzipSync, gunzipSync],
  deflate: [deflateSync, inflateSync],
  "deflate, bare": [deflateRawSync, inflateRawSync],
  br: [brotliCompressSync, brotliDecompressSync],
  zstd: [zstdCompressSync, zstdDecompressSync],
} as const;

for (const [name, [code]] of Object.entries(codings)) {
  const coding = name.split(",")[0] ?? "";
  void test(`property: ${name}: without a credential it is the same, with one it ends before it`, async () => {
    const places = fc.array(fc.nat(), { maxLength: 12 });
    const text = fc.string({ maxLength: 400 });
    await fc.assert(
      fc.asyncProperty(text, text, places, fc.boolean(), async (before, after, where, holds) => {
        const bytes = code(Buffer.from(holds ? `${before}${key}${after}` : before + after));
        const passed = await pass(coding, cut(bytes, where));
        if (!holds) assert.deepEqual(passed, { raw: bytes, why: undefined, credential: false });
        else {
          assert.equal(passed.credential, true);
          assert.ok(passed.raw.length < bytes.length);
        }
      }),
      { numRuns: 60 },
    );
  });
}

void test("a stream that is flushed piece by piece: what a piece says is looked at before it goes on", async () => {
  const gzip = createGzip();
  const pieces: Buffer[] = [];
  for (const text of ["data: one\n\n", `data: ${key.slice(0, 11)}`, `${key.slice(11)}\n\n`, "data: two\n\n"]) {
    gzip.write(text);
    await new Promise<void>((resolve) => gzip.flush(constants.Z_SYNC_FLUSH, resolve));
    pieces.push(gzip.read() as Buffer);
  }
  const passed = await pass("gzip", pieces);
  assert.equal(passed.credential, true);
  // the piece whose end could begin it was held back too
  assert.deepEqual(passed.raw, pieces[0]);
  const decoder = createGunzip();
  decoder.write(passed.raw);
  await new Promise<void>((resolve) => decoder.flush(resolve));
  assert.equal(String(decoder.read()), "data: one\n\n");
});

void test("what cannot be decoded to its end goes no further", async () => {
  const bytes = gzipSync("x".repeat(5000));
  const whys = async (coding: string, raw: Buffer): Promise<string | undefined> => (await pass(coding, [raw])).why;
  assert.equal(await whys("gzip, gzip", gzipSync(bytes)), "the reply has a coding that cannot be read");
  assert.equal(await whys("compress", bytes), "the reply has a coding that cannot be read");
  assert.equal(await whys("gzip", Buffer.from("no gzip")), "the reply cannot be decoded");
  assert.equal(await whys("gzip", Buffer.concat([bytes, Buffer.from("more")])), "the reply cannot be decoded");
  const behind = Buffer.concat([brotliCompressSync("x"), Buffer.from("more")]);
  assert.equal(await whys("br", behind), "the reply goes on behind its coded end");
  assert.equal(await whys("gzip", Buffer.concat([bytes, bytes])), undefined, "two members are one stream");
  const held = gzipSync(`x${key}`);
  assert.equal((await pass("gzip", [Buffer.concat([bytes, held])])).credential, true);
});

/** Text that stands in a compressed block as it is: nothing of it repeats, all that follows does. */
const plainly = (before: string, size: number): Buffer => {
  const noise = randomBytes(size);
  return Buffer.concat([Buffer.from(before), noise, noise]);
};

void test("zstd: what stands in a block that is not whole yet does not go on", async () => {
  const bytes = zstdCompressSync(plainly(`key: ${key} `, 40_000));
  assert.ok(bytes.includes(key));
  for (const size of [1000, 16_384, bytes.length - 1]) {
    const passed = await pass("zstd", [bytes.subarray(0, size), bytes.subarray(size)]);
    assert.equal(passed.credential, true);
    assert.ok(!passed.raw.includes(key));
  }
  const short = await pass("zstd", [bytes.subarray(0, 20_000)]);
  assert.equal(short.why, "the reply ends in the middle of a block");
  assert.ok(!short.raw.includes(key));
});

void test("zstd: every whole block goes on, however its frame is written and cut", async () => {
  const noise = randomBytes(200_000);
  const texts = ["", "x", "x".repeat(300_000), "abc".repeat(50), noise, plainly("", 30_000)];
  const options = [
    {},
    { params: { [constants.ZSTD_c_checksumFlag]: 1 } },
    { params: { [constants.ZSTD_c_contentSizeFlag]: 0 } },
  ];
  const frames = texts.flatMap((text) => options.map((one) => zstdCompressSync(text, one)));
  const places = fc.array(fc.nat(), { maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...frames), places, async (bytes, where) => {
      assert.deepEqual(await pass("zstd", cut(bytes, where)), { raw: bytes, why: undefined, credential: false });
    }),
    { numRuns: 40 },
  );
});

void test("zstd: a piece goes on as soon as its block is whole", async () => {
  const zstd = createZstdCompress();
  const out: Buffer[] = [];
  const reader = { pass: (raw: Buffer) => out.push(raw), fail: assert.fail, drained: () => undefined };
  const reply = new CodedReply("zstd", openSieve(), { limits, reader });
  for (let count = 1; count <= 5; count += 1) {
    zstd.write(`data: ${count}\n\n`);
    await new Promise<void>((resolve) => zstd.flush(constants.ZSTD_e_flush, resolve));
    reply.push(zstd.read() as Buffer);
    while (out.length < count) await new Promise((resolve) => setImmediate(resolve));
  }
  reply.close();
});

void test("zstd: what would have us remember more than a sender may ask for cannot be read", async () => {
  const windowed = async (log: number): Promise<string | undefined> => {
    const zstd = createZstdCompress({ params: { [constants.ZSTD_c_windowLog]: log } });
    for (let count = 0; count < 10; count += 1) zstd.write(Buffer.alloc(1 << 20));
    zstd.end();
    return (await pass("zstd", await zstd.toArray())).why;
  };
  assert.equal(await windowed(23), undefined);
  assert.equal(await windowed(24), "the reply cannot be decoded");
});

void test("a bomb is cut off", async () => {
  const bounds = { ...limits, decoded: 1 << 20 };
  const { why, raw } = await pass("gzip", [gzipSync(Buffer.alloc(8 << 20))], bounds);
  assert.equal(why, "the reply grows beyond all measure when decoded");
  assert.equal(raw.length, 0);
});

void test("pieces of which each could end in its beginning go on, but for the last", async () => {
  const piece = gzipSync(`${"x".repeat(100)}${key[0]}`);
  const out: Buffer[] = [];
  const reader = { pass: (raw: Buffer) => out.push(raw), fail: assert.fail, drained: () => undefined };
  const reply = new CodedReply("gzip", openSieve(), { limits, reader });
  for (let count = 0; count < 50; count += 1) reply.push(piece);
  while (out.length < 49) await new Promise((resolve) => setImmediate(resolve));
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.equal(out.length, 49);
  reply.close();
});

void test("pieces that say nothing are not kept without end behind what could be its beginning", async () => {
  const nothing = Buffer.concat(Array.from({ length: 100 }, () => gzipSync("")));
  const pieces = Array.from({ length: 20 }, () => nothing);
  const bounds = { ...limits, window: 10 * nothing.length };
  assert.equal((await pass("gzip", [gzipSync("x"), ...pieces], bounds)).why, undefined);
  const { why } = await pass("gzip", [gzipSync(`x${key[0]}`), ...pieces], bounds);
  assert.equal(why, "the reply says nothing for too long");
});
