// WebSockets where somebody says what cannot be read, too much, too slowly, nothing any more, or leaves.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { createServer } from "node:net";
import { test } from "node:test";
import type { TLSSocket } from "node:tls";
import { deflateRawSync } from "node:zlib";
import { grantFor, judgeFor, listen, once, openStage, readAll, readUntil } from "../rehearsal.ts";
import { FrameReader, opcodes } from "./frames.ts";
import { closing, echo, name, next, opening, quiet, stand } from "./rehearsal.ts";
import { frame } from "./written.ts";

const turn = () => new Promise((resolve) => setImmediate(resolve));

/** The code of the close that ends what is read on it; undefined where it ends without one. */
async function codeOn(socket: TLSSocket): Promise<number | undefined> {
  const reader = new FrameReader({ from: "server", deflate: true });
  reader.push(Buffer.from(await readAll(socket), "latin1"));
  let code: number | undefined;
  for (let part = reader.next(); part !== undefined; part = reader.next())
    if (part.kind === "control" && part.opcode === opcodes.close) code = part.plain.readUInt16BE(0);
  return code;
}

const wrong: readonly [title: string, octets: Buffer, code: number, rule: string, limits?: object][] = [
  ["a frame without a mask", frame({ mask: undefined }), 1002, "gateway:framing"],
  ["a bit nobody agreed on", frame({ bits: 0x20 }), 1002, "gateway:framing"],
  ["the rest of no message", frame({ opcode: opcodes.more }), 1002, "gateway:framing"],
  [
    "something behind a close",
    Buffer.concat([frame({ opcode: opcodes.close, payload: "" }), frame({})]),
    1002,
    "gateway:framing",
  ],
  ["a message that is too long", frame({ payload: Buffer.alloc(2000) }), 1009, "gateway:body-limit", { body: 1000 }],
  [
    "a message there is no room for",
    frame({ payload: Buffer.alloc(2000) }),
    1011,
    "gateway:no-room",
    { memory: 100, spoolTotal: 500 },
  ],
  [
    "a message without an end",
    Buffer.concat(Array.from({ length: 200 }, (_, at) => frame({ payload: "", fin: false, opcode: at === 0 ? 1 : 0 }))),
    1008,
    "gateway:framing",
    { idleFrames: 100 },
  ],
  [
    "a flood of pings",
    Buffer.concat(Array.from({ length: 200 }, () => frame({ payload: "", opcode: opcodes.ping }))),
    1008,
    "gateway:framing",
    { idleFrames: 100 },
  ],
  [
    "a message that cannot be decompressed",
    frame({ payload: Buffer.from("ffffff", "hex"), bits: 0x40 }),
    1008,
    "built-in:unreadable",
  ],
  [
    "a compressed message that ends itself",
    frame({ payload: deflateRawSync("bye"), bits: 0x40 }),
    1008,
    "built-in:unreadable",
  ],
  [
    "a bomb",
    frame({ payload: deflateRawSync(Buffer.alloc(300_000)).subarray(0, -2), bits: 0x40 }),
    1008,
    "built-in:unreadable",
    { decoded: 200_000 },
  ],
];
for (const [title, octets, code, rule, limits] of wrong) {
  test(`refused, entered, the socket closed with ${code}: ${title}`, async () => {
    await using it = await stand(quiet, limits === undefined ? {} : { limits });
    const socket = await it.open("permessage-deflate");
    socket.write(octets);
    assert.equal(await codeOn(socket), code);
    const refusals = await it.entries("refusal");
    assert.deepEqual(
      refusals.map((entry) => [entry.rule, entry.sealed?.["protocol"]]),
      [[rule, "websocket"]],
    );
    assert.deepEqual(it.heard.messages, []);
  });
}

test("a message over memory's share is spooled, judged whole, and arrives whole", async () => {
  await using it = await stand(echo, { limits: { memory: 50_000, window: 10_000, overlap: 100 } });
  const socket = await it.dial();
  await once(socket, "open");
  const large = randomBytes(700_000);
  for (const said of [large, Buffer.from("small")]) {
    socket.send(said);
    assert.ok((await next(socket)).equals(said));
  }
  socket.terminate();
});

test("a message that is slow to end is given up", async () => {
  await using it = await stand(quiet, { limits: { requestTime: 100, headTime: 90 } });
  const socket = await it.open();
  socket.write(frame({ fin: false }));
  assert.equal(await codeOn(socket), 1008);
  assert.equal((await it.entries("refusal"))[0]?.rule, "gateway:deadline");
});

test("a WebSocket on which nobody says anything is closed", async () => {
  await using it = await stand(quiet, { limits: { socketSilence: 30 } });
  const socket = await it.dial();
  assert.equal((await closing(socket)).code, 1001);
  assert.match(String((await it.entries("reply"))[0]?.sealed?.["outcome"]), /nobody said anything/);
});

test("a tool that leaves takes its upstream connection with it, and the other way round", async () => {
  await using it = await stand(quiet);
  const first = await it.open();
  first.destroy();
  while (it.heard.ends.length < 1) await turn();
  const second = await it.dial();
  await once(second, "open");
  it.heard.sockets[1]?.terminate();
  assert.equal((await closing(second)).code, 1006);
  const outcomes = (await it.entries("reply")).map(({ sealed }) => sealed?.["outcome"]);
  assert.deepEqual(outcomes, ["the tool went away", "the upstream closed the connection"]);
});

test("who says that it closes and does not leave is left", async () => {
  await using it = await stand(quiet, { limits: { opening: 50 } });
  const socket = await it.open();
  socket.write(frame({ opcode: opcodes.close, payload: "" }));
  // the upstream answers in kind; both connections end, whether the tool ends its own or not
  await readAll(socket);
  assert.equal((await it.entries("reply"))[0]?.sealed?.["outcome"], "whole");
});

test("a session that ends closes its WebSockets", async () => {
  await using it = await stand(quiet);
  const socket = await it.dial();
  await once(socket, "open");
  const closed = closing(socket);
  await it.stage.gateway.close();
  assert.equal((await closed).code, 1006);
});

test("a slow tool holds the upstream back", async () => {
  await using it = await stand(quiet, {}, false);
  const socket = await it.open();
  socket.pause();
  const [speaking] = it.heard.sockets;
  let sent = 0;
  const piece = Buffer.alloc(65_536);
  for (let at = 0; at < 400; at += 1) speaking?.send(piece, {}, () => (sent += 1));
  for (let count = 0; count < 50; count += 1) (await it.stage.dialTls("refused.example")).destroy();
  assert.ok(sent < 400, `${sent} messages of 64 KiB were taken while nobody read`);
  const { promise: whole, resolve } = Promise.withResolvers<void>();
  let left = 400 * (piece.length + 10);
  socket.on("data", (chunk: Buffer) => {
    left -= chunk.length;
    if (left === 0) resolve();
  });
  socket.resume();
  await whole;
  socket.destroy();
});

const accept = "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";
const switches: readonly [title: string, reply: string, told: RegExp][] = [
  ["another protocol", `HTTP/1.1 101 S\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n${accept}\r\n\r\n`, /^HTTP\/1.1 502 /],
  [
    "another key's answer",
    "HTTP/1.1 101 S\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: x\r\n\r\n",
    /^HTTP\/1.1 502 /,
  ],
  [
    "an extension nobody offered",
    `HTTP/1.1 101 S\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n${accept}\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n`,
    /^HTTP\/1.1 502 /,
  ],
  [
    "101 in HTTP/1.0",
    `HTTP/1.0 101 S\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n${accept}\r\n\r\n`,
    /^HTTP\/1.1 502 /,
  ],
  [
    "a plain answer in chunks",
    "HTTP/1.1 404 No\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nno\r\n0\r\nX-T: 1\r\n\r\n",
    /^HTTP\/1.1 404 No\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n2\r\nno\r\n0\r\nX-T: 1\r\n\r\n$/,
  ],
  [
    "a frame with a mask",
    `HTTP/1.1 101 S\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n${accept}\r\n\r\n${frame({}).toString("latin1")}`,
    /^HTTP\/1.1 101 S\r\n/,
  ],
  [
    "a frame along with its switch",
    `HTTP/1.1 101 S\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n${accept}\r\n\r\n${frame({ mask: undefined }).toString("latin1")}`,
    /^HTTP\/1.1 101 S\r\n[\s\S]*\r\n\r\n\x81\x01x/,
  ],
];
for (const [title, reply, told] of switches) {
  test(`an upstream that answers the opening with ${title}`, async () => {
    await using server = createServer((socket) => {
      socket.on("error", () => undefined);
      socket.once("data", () => socket.end(reply, "latin1"));
    });
    const port = await listen(server);
    const grant = grantFor(name, { upstream: { address: `127.0.0.1:${port}`, ca: undefined } });
    await using stage = await openStage({ judge: judgeFor([grant]) });
    const socket = await stage.dial(await stage.addressOf(name), 80);
    socket.write(opening());
    assert.match(await readAll(socket), told);
  });
}

test("what the tool says along with its opening waits for the switch, and is judged", async () => {
  await using it = await stand(echo, {}, false);
  const socket = await it.stage.dialTls(name);
  socket.write(Buffer.concat([Buffer.from(opening()), frame({ payload: "early" })]));
  await readUntil(socket, /\x81\x05early/);
  assert.equal((await it.entries("request")).length, 2);
});
