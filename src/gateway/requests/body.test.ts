// Request bodies: whole, spooled, chunked, encoded; forwarded untouched, sought through decoded.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from "node:zlib";
import type { Seek } from "../../domain/finding.ts";
import type { GatewayOptions } from "../gateway.ts";
import { grantFor, judgeFor, openStage, openUpstream, readAll, readUntil } from "../rehearsal.ts";

const name = "api.vendor.example";
const needle = "the-secret-needle";

/** Finds the needle's every place in bodies. */
const seek: Seek = (part) => {
  if (part.kind !== "body") return [];
  const offset = part.bytes.indexOf(needle);
  return offset < 0
    ? []
    : [{ kind: "secret", label: "n", place: { kind: "body", offset }, encoding: "plain", what: "credential" }];
};

async function stand(limits: GatewayOptions["limits"] = {}) {
  const bodies: Buffer[] = [];
  const upstream = await openUpstream((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      bodies.push(Buffer.concat(chunks));
      response.end(JSON.stringify(request.rawTrailers));
    });
  }, false);
  const grant = grantFor(name, { upstream: { address: upstream.address, ca: undefined } });
  const spool = mkdtempSync(join(tmpdir(), "postern-spool-"));
  const stage = await openStage({ judge: judgeFor([grant]), seek, limits, spool });
  return {
    spool,
    bodies,
    stage,
    upstream,
    post: async (headers: string, ...body: (Buffer | string)[]) => {
      const socket = await stage.dial(await stage.addressOf(name), 80);
      socket.write(`POST / HTTP/1.1\r\nHost: ${name}\r\nConnection: close\r\n${headers}\r\n\r\n`);
      for (const part of body) socket.write(part);
      return readAll(socket);
    },
    [Symbol.asyncDispose]: async () => {
      await stage[Symbol.asyncDispose]();
      await upstream[Symbol.asyncDispose]();
      rmSync(spool, { recursive: true });
    },
  };
}

const encoders: readonly [coding: string, encode: (bytes: Buffer) => Buffer][] = [
  ["gzip", gzipSync],
  ["x-gzip", gzipSync],
  ["deflate", deflateSync],
  ["deflate", deflateRawSync],
  ["br", brotliCompressSync],
  ["zstd", zstdCompressSync],
  ["identity", (bytes) => bytes],
];

for (const [coding, encode] of encoders) {
  test(`what stands in a body encoded as ${coding} (${encode.name}) is found, and clean ones pass untouched`, async () => {
    await using it = await stand();
    const text = Buffer.from(`${"innocent ".repeat(1000)}${needle}`);
    const found = encode(text);
    assert.match(
      await it.post(`Content-Encoding: ${coding}\r\nContent-Length: ${found.length}`, found),
      /^HTTP\/1.1 403/,
    );
    assert.equal(it.upstream.received(), "");
    const clean = encode(randomBytes(3000));
    assert.match(
      await it.post(`Content-Encoding: ${coding}\r\nContent-Length: ${clean.length}`, clean),
      /^HTTP\/1.1 200/,
    );
    assert.deepEqual(it.bodies, [clean]);
  });
}

const unreadable: readonly [title: string, coding: string, body: Buffer][] = [
  ["an unknown coding", "rot13", Buffer.from("hello")],
  ["stacked codings", "gzip, br", brotliCompressSync(gzipSync("hello"))],
  ["a broken stream", "gzip", gzipSync("hello").subarray(0, 12)],
  ["bytes after the end of gzip", "gzip", Buffer.concat([gzipSync("hello"), Buffer.from(needle)])],
  ["bytes after the end of deflate", "deflate", Buffer.concat([deflateSync("hello"), Buffer.from(needle)])],
  ["bytes after the end of brotli", "br", Buffer.concat([brotliCompressSync("hello"), Buffer.from(needle)])],
  ["bytes after the end of zstd", "zstd", Buffer.concat([zstdCompressSync("hello"), Buffer.from(needle)])],
  ["a bomb", "gzip", gzipSync(Buffer.alloc(300_000))],
];

for (const [title, coding, body] of unreadable) {
  test(`unreadable: ${title}`, async () => {
    await using it = await stand({ decoded: 200_000, window: 10_000, overlap: 100 });
    assert.match(
      await it.post(`Content-Encoding: ${coding}\r\nContent-Length: ${body.length}`, body),
      /^HTTP\/1.1 403/,
    );
    assert.equal(it.stage.entries.find(({ kind }) => kind === "refusal")?.rule, "built-in:unreadable");
    assert.equal(it.upstream.received(), "");
  });
}

test("two content encodings in two headers are unreadable", async () => {
  await using it = await stand();
  const reply = await it.post("Content-Encoding: identity\r\nContent-Encoding: gzip\r\nContent-Length: 2", "hi");
  assert.match(reply, /^HTTP\/1.1 403/);
});

test("a body over memory's share is spooled, arrives whole, and leaves no file with a name", async () => {
  await using it = await stand({ memory: 50_000 });
  const body = randomBytes(700_000);
  assert.match(await it.post(`Content-Length: ${body.length}`, body), /^HTTP\/1.1 200/);
  assert.ok(it.bodies[0]?.equals(body));
  assert.deepEqual(readdirSync(it.spool), []);
});

for (const at of [0, 9_990, 10_000, 49_985, 50_000, 99_990, 262_140, 299_983]) {
  test(`a needle at ${at} of a spooled body is found once, wherever windows and spool are cut`, async () => {
    await using it = await stand({ memory: 50_000, window: 10_000, overlap: 100 });
    const body = Buffer.alloc(300_000, "x");
    body.write(needle, at);
    assert.match(await it.post(`Content-Length: ${body.length}`, body), /^HTTP\/1.1 403/);
    const refusal = it.stage.entries.find(({ kind }) => kind === "refusal");
    assert.deepEqual(refusal?.counts, { "bytes-out": 300_000, "findings-credential": 1, "findings-placeholder": 0 });
    assert.deepEqual(refusal?.sealed?.["findings"], [
      { kind: "secret", label: "n", place: { kind: "body", offset: at }, encoding: "plain", what: "credential" },
    ]);
  });
}

test("chunks go on as chunks, with their trailers", async () => {
  await using it = await stand();
  const reply = await it.post(
    "Transfer-Encoding: chunked\r\nTrailer: X-T",
    "3;ext=1\r\nabc\r\n",
    "2\r\nde\r\n0\r\nX-T: v\r\n\r\n",
  );
  assert.match(reply, /\["X-T","v"\]/);
  assert.equal(it.bodies[0]?.toString(), "abcde");
  assert.match(
    it.upstream.received(),
    /\r\nTransfer-Encoding: chunked\r\nTrailer: X-T\r\n\r\n5\r\nabcde\r\n0\r\nX-T: v\r\n\r\n$/,
  );
  await it.stage.gateway.close();
  const counts = it.stage.entries.find(({ kind }) => kind === "reply")?.counts ?? {};
  // the framing of chunks is not counted, what stands in it is
  assert.equal(counts["bytes-out"], it.upstream.received().length - "5\r\n\r\n0\r\n\r\n".length);
});

test("a body beyond the bound is refused, whether its length is told or not", async () => {
  await using it = await stand({ body: 1000, memory: 500 });
  assert.match(await it.post("Content-Length: 1001"), /^HTTP\/1.1 413/);
  const chunk = `400\r\n${"x".repeat(1024)}\r\n`;
  assert.match(await it.post("Transfer-Encoding: chunked", chunk, "0\r\n\r\n"), /^HTTP\/1.1 413/);
  const rules = it.stage.entries.filter(({ kind }) => kind === "refusal").map(({ rule }) => rule);
  assert.deepEqual(rules, ["gateway:body-limit", "gateway:body-limit"]);
  assert.equal(it.upstream.received(), "");
});

test("when no room is left to spool, the request is refused and not passed by", async () => {
  await using it = await stand({ memory: 500, spoolTotal: 1000 });
  assert.match(await it.post("Content-Length: 5000", "x".repeat(5000)), /^HTTP\/1.1 503/);
  assert.equal(it.upstream.received(), "");
});

test("100-continue: told to go on only where something could be allowed", async () => {
  await using it = await stand();
  const head = (host: string) =>
    `POST / HTTP/1.1\r\nHost: ${host}\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n`;
  const socket = await it.stage.dial(await it.stage.addressOf(name), 80);
  socket.write(head(name));
  assert.equal(await readUntil(socket, /\r\n\r\n/), "HTTP/1.1 100 Continue\r\n\r\n");
  socket.write("hi");
  assert.match(await readUntil(socket, /\[\]/), /^HTTP\/1.1 200/);
  const refused = await it.stage.dial(await it.stage.addressOf("refused.example"), 80);
  refused.write(head("refused.example"));
  assert.match(await readAll(refused), /^HTTP\/1.1 403/);
});

test("a client that leaves in the middle of its body has sent nothing", async () => {
  await using it = await stand();
  const socket = await it.stage.dial(await it.stage.addressOf(name), 80);
  socket.end(`POST / HTTP/1.1\r\nHost: ${name}\r\nContent-Length: 10\r\n\r\nhalf`);
  await readAll(socket);
  assert.equal(it.upstream.received(), "");
});

test("an upstream that answers before it has read gets the body it was sent, whatever is asked meanwhile", async () => {
  const size = 4 * 1024 * 1024 - 1;
  const { promise: accepted, resolve: accept } = Promise.withResolvers<Socket>();
  await using upstream = createServer((socket) => {
    socket.write("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    accept(socket.pause());
    socket.on("error", () => undefined);
  });
  upstream.listen(0, "127.0.0.1");
  await once(upstream, "listening");
  const address = `127.0.0.1:${(upstream.address() as AddressInfo).port}`;
  const grant = grantFor(name, { upstream: { address, ca: undefined } });
  const refused = grantFor("other.example", { upstream: { address: "127.0.0.1:1", ca: undefined } });
  await using stage = await openStage({ judge: judgeFor([grant, refused]), seek: () => [] });
  const ask = async (host: string, letter: string): Promise<string> => {
    const socket = await stage.dial(await stage.addressOf(host), 80);
    socket.write(`POST / HTTP/1.1\r\nHost: ${host}\r\nContent-Length: ${size}\r\n\r\n`);
    socket.write(Buffer.alloc(size, letter));
    const reply = await readUntil(socket, /\r\n\r\n/);
    socket.destroy();
    return reply;
  };
  assert.match(await ask(name, "a"), /^HTTP\/1.1 200/);
  assert.match(await ask("other.example", "b"), /^HTTP\/1.1 502/);
  const socket = await accepted;
  const bytes: Buffer[] = [];
  let length = 0;
  for await (const chunk of socket.iterator({ destroyOnReturn: false })) {
    bytes.push(chunk as Buffer);
    length += (chunk as Buffer).length;
    if (length > size) break;
  }
  socket.destroy();
  const whole = Buffer.concat(bytes);
  assert.ok(whole.subarray(whole.indexOf("\r\n\r\n") + 4).equals(Buffer.alloc(size, "a")));
});
