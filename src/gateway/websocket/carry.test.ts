// WebSockets through the gate, spoken by the package `ws` inside and outside, and by hand where that would not do.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import type { WebSocket } from "ws";
import type { Entry } from "../../domain/entry.ts";
import { Secret } from "../../domain/secret.ts";
import { seekKnown, sieveKnown } from "../../inspection/known.ts";
import { host, once, readAll } from "../rehearsal.ts";
import { opcodes } from "./frames.ts";
import { closing, echo, name, next, opening, quiet, stand } from "./rehearsal.ts";
import { frame } from "./written.ts";

for (const deflate of [false, true]) {
  test(`messages go through both ways, each an entry of its own${deflate ? ", compressed" : ""}`, async () => {
    await using it = await stand(echo, {}, deflate);
    const socket = await it.dial();
    await once(socket, "open");
    assert.equal(socket.extensions !== "", deflate);
    const large = randomBytes(200_000);
    for (const said of ["one", "two ".repeat(1000), "", large]) {
      socket.send(said);
      assert.ok((await next(socket)).equals(Buffer.from(said)));
    }
    socket.close(1000, "");
    await closing(socket);
    const requests = await it.entries("request");
    assert.deepEqual(
      requests.map(({ sealed }) => [sealed?.["protocol"], sealed?.["message"], sealed?.["target"]]),
      [undefined, 1, 2, 3, 4].map((message) => ["websocket", message, "/v1/responses"]),
    );
    assert.ok(requests.slice(1).every(({ sealed }) => typeof sealed?.["opening"] === "number"));
    const [reply, ...others] = it.stage.entries.filter(({ kind }) => kind === "reply");
    assert.deepEqual(others, []);
    assert.deepEqual(
      [reply?.counts?.["status"], reply?.counts?.["requests"], reply?.counts?.["replies"], reply?.sealed?.["outcome"]],
      [101, 4, 4, "whole"],
    );
    assert.ok((reply?.counts?.["bytes-out"] ?? 0) > large.length);
    assert.equal(it.stage.gateway.statistics().requests, 5);
  });
}

test("the octets are exactly those the tool wrote: masks, pieces, compression", async () => {
  await using it = await stand(quiet);
  const socket = await it.open("permessage-deflate");
  const written = Buffer.concat([
    frame({ payload: "plain", mask: Buffer.from([9, 8, 7, 6]) }),
    frame({ payload: Buffer.from("f248cd", "hex"), bits: 0x40, fin: false, mask: randomBytes(4) }),
    frame({ payload: "", opcode: opcodes.ping }),
    frame({ payload: "", opcode: opcodes.more, fin: false, mask: randomBytes(4) }),
    frame({ payload: Buffer.from("c9c90700", "hex"), opcode: opcodes.more, mask: randomBytes(4) }),
  ]);
  // cut anywhere
  for (let at = 0; at < written.length; at += 3) {
    socket.write(written.subarray(at, at + 3));
    await new Promise((resolve) => setImmediate(resolve));
  }
  while (it.heard.messages.length < 2) await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(it.heard.messages.map(String), ["plain", "Hello"]);
  const plain = written.subarray(0, 11);
  const ping = frame({ payload: "", opcode: opcodes.ping });
  const [before, behind] = [written.subarray(11, 11 + 9), written.subarray(11 + 9 + ping.length)];
  assert.deepEqual(Buffer.concat(it.heard.octets), Buffer.concat([plain, ping, before, behind]));
  socket.destroy();
});

test("what the upstream says comes in exactly the octets it wrote", async () => {
  await using it = await stand(quiet, {}, false);
  const socket = await it.open();
  const said: Buffer[] = [];
  socket.on("data", (chunk: Buffer) => said.push(chunk));
  for (const text of ["a", "b".repeat(70_000)]) it.heard.sockets[0]?.send(text);
  const expected = Buffer.concat([
    frame({ payload: "a", mask: undefined }),
    frame({ payload: "b".repeat(70_000), mask: undefined }),
  ]);
  while (Buffer.concat(said).length < expected.length) await new Promise((resolve) => setImmediate(resolve));
  assert.ok(Buffer.concat(said).equals(expected));
  socket.destroy();
});

function gated(kind: (entry: Entry) => boolean) {
  const { promise: durable, resolve: release } = Promise.withResolvers<void>();
  const { promise: reached, resolve: reach } = Promise.withResolvers<void>();
  const append = async (entry: Entry) => {
    if (kind(entry)) reach();
    if (kind(entry)) await durable;
    return { index: 0 };
  };
  return { append, release, reached };
}

const waiting: readonly [title: string, kind: (entry: Entry) => boolean, say: (socket: WebSocket) => void][] = [
  ["a message", ({ sealed }) => sealed?.["message"] === 1, (socket) => socket.send("secret")],
  ["a ping that says something", ({ sealed }) => sealed?.["frame"] === "ping", (socket) => socket.ping("secret")],
  ["a pong nobody asked for", ({ sealed }) => sealed?.["frame"] === "pong", (socket) => socket.pong("secret")],
  ["a close that says why", ({ sealed }) => sealed?.["frame"] === "close", (socket) => socket.close(1000, "secret")],
];
for (const [title, kind, say] of waiting) {
  test(`${title} does not leave before it is durable in the record, however slow that is`, async () => {
    const gate = gated(kind);
    await using it = await stand(quiet, { append: gate.append });
    const socket = await it.dial();
    await once(socket, "open");
    say(socket);
    await gate.reached;
    for (let count = 0; count < 20; count += 1) (await it.stage.dialTls("refused.example")).destroy();
    assert.equal(Buffer.concat(it.heard.octets).length, 0);
    gate.release();
    while (Buffer.concat(it.heard.octets).length === 0) await new Promise((resolve) => setImmediate(resolve));
    socket.terminate();
  });
}

test("a record that cannot be written lets no message leave, and ends the session", async () => {
  await using it = await stand(echo, {
    append: async ({ sealed }) => {
      if (sealed?.["message"] === 2) throw new Error("disk full");
      return { index: 0 };
    },
  });
  const failed = assert.rejects(it.stage.gateway.failed, { code: "record" });
  const socket = await it.dial();
  await once(socket, "open");
  socket.send("one");
  assert.equal(String(await next(socket)), "one");
  socket.send("two");
  assert.equal((await closing(socket)).code, 1006);
  await failed;
  assert.deepEqual(it.heard.messages.map(String), ["one"]);
});

const real = "sk-live-0123456789abcdef/+=";
const placeholder = "postern-placeholder-7f3a";
const credential = {
  id: "vendor",
  secret: new Secret(real),
  placeholder,
  variable: "VENDOR_KEY",
  to: { host: host(name), header: "authorization", paths: undefined },
};
const guarded = { credentials: [credential], seek: seekKnown([credential]), openSieve: sieveKnown([credential]) };

test("the opening carries the credential, in its place", async () => {
  await using it = await stand(echo, guarded);
  const socket = await it.dial("/v1/responses", { headers: { authorization: `Bearer ${placeholder}` } });
  await once(socket, "open");
  assert.equal(it.heard.requests[0]?.headers.authorization, `Bearer ${real}`);
  socket.terminate();
  assert.deepEqual((await it.entries("request"))[0]?.sealed?.["credentials"], ["vendor"]);
});

const leaks: readonly [title: string, say: (socket: WebSocket) => void][] = [
  ["a text message", (socket) => socket.send(`{"key":"${real}"}`)],
  ["a binary message", (socket) => socket.send(Buffer.from(`..${real}..`), { binary: true })],
  [
    "a message in pieces",
    (socket) => {
      socket.send(real.slice(0, 9), { fin: false });
      socket.send(real.slice(9), { fin: true });
    },
  ],
  ["a message in base64", (socket) => socket.send(btoa(`Bearer ${real}`))],
  ["a placeholder, where no credential belongs", (socket) => socket.send(placeholder)],
  ["a ping", (socket) => socket.ping(real)],
  ["a close", (socket) => socket.close(1000, real)],
];
for (const deflate of [false, true]) {
  for (const [title, say] of leaks) {
    test(`refused, the socket closed: ${title} with a credential in it${deflate ? ", compressed" : ""}`, async () => {
      await using it = await stand(echo, guarded, deflate);
      const socket = await it.dial();
      await once(socket, "open");
      socket.send("innocent");
      await next(socket);
      say(socket);
      const { code, reason } = await closing(socket);
      assert.deepEqual([code, reason], [1008, "not permitted by the policy of this environment"]);
      assert.deepEqual(it.heard.messages.map(String), ["innocent"]);
      assert.ok(!Buffer.concat(it.heard.octets).includes(real.slice(0, 9)));
      const [refusal, ...others] = await it.entries("refusal");
      assert.deepEqual(
        [refusal?.rule, refusal?.sealed?.["protocol"], others.length],
        ["built-in:secrets", "websocket", 0],
      );
      assert.ok(!JSON.stringify(it.stage.entries).includes(real));
    });
  }

  test(`a real credential that comes back is cut off before it, wherever it is cut${deflate ? ", compressed" : ""}`, async () => {
    await using it = await stand(quiet, guarded, deflate);
    const said: string[] = [];
    const socket = await it.dial();
    await once(socket, "open");
    socket.on("message", (data: Buffer) => said.push(String(data)));
    const [speaking] = it.heard.sockets;
    speaking?.send("harmless");
    speaking?.send(`half ${real.slice(0, 9)}`, { fin: false });
    speaking?.send(`${real.slice(9)} whole`, { fin: true });
    assert.equal((await closing(socket)).code, 1011);
    assert.deepEqual(said, ["harmless"]);
    const [reply] = await it.entries("reply");
    assert.equal(reply?.rule, "gateway:credential-reflected");
  });
}

test("a credential in a ping or a close of the upstream is cut off too", async () => {
  for (const say of [(socket: WebSocket) => socket.ping(real), (socket: WebSocket) => socket.close(1000, real)]) {
    await using it = await stand(quiet, guarded);
    const socket = await it.dial();
    await once(socket, "open");
    const [speaking] = it.heard.sockets;
    if (speaking !== undefined) say(speaking);
    const { code, reason } = await closing(socket);
    assert.deepEqual([code, reason], [1011, "the connection has ended"]);
  }
});

test("frames that say nothing are not kept without end behind what could begin a credential", async () => {
  const flood = (socket: WebSocket): void => {
    socket.send(real.slice(0, 3), { fin: false });
    for (let count = 0; count < 500; count += 1) socket.ping("x".repeat(100));
  };
  await using it = await stand(flood, { ...guarded, limits: { window: 10_000 } });
  const socket = await it.dial();
  socket.on("message", assert.fail);
  assert.equal((await closing(socket)).code, 1011);
  const [reply] = await it.entries("reply");
  assert.match(String(reply?.sealed?.["outcome"]), /says nothing for too long/);
});

test("pings and pongs that say nothing, or only what was asked, pass without an entry", async () => {
  await using it = await stand(quiet);
  const socket = await it.dial();
  await once(socket, "open");
  const [speaking] = it.heard.sockets;
  assert.ok(speaking !== undefined);
  const pong = once(speaking, "pong");
  speaking.ping("are you there");
  await pong;
  const back = once(socket, "pong");
  socket.ping();
  await back;
  socket.close();
  await closing(socket);
  assert.equal((await it.entries("request")).length, 1);
});

test("close goes through with its code, both ways", async () => {
  await using it = await stand((socket) => socket.on("message", () => socket.close(4001, "done")));
  const first = await it.dial();
  await once(first, "open");
  first.send("x");
  assert.deepEqual(await closing(first), { code: 4001, reason: "done" });
  const second = await it.dial();
  await once(second, "open");
  second.close(4002, "bye");
  await closing(second);
  while (it.heard.ends.length < 2) await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(it.heard.ends[1], { code: 4002, reason: "bye" });
});

test("an upstream that does not want a WebSocket is heard as it answers", async () => {
  await using it = await stand(quiet);
  const socket = await it.stage.dialTls(name);
  socket.write(opening("", "/denied"));
  assert.equal(await readAll(socket), "HTTP/1.1 401 No\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno");
});

test("where policy refuses, the tool is told at once that it may go on without", async () => {
  await using it = await stand(quiet);
  const socket = await it.stage.dialTls("refused.example");
  socket.write(opening("", "/v1/responses", "refused.example"));
  const reply = await readAll(socket);
  assert.match(reply, /^HTTP\/1.1 426 Upgrade Required\r\n/);
  assert.match(reply, /\r\nUpgrade: HTTP\/1.1\r\nConnection: upgrade, close\r\n/);
  assert.equal(it.heard.requests.length, 0);
  const [refusal] = await it.entries("refusal");
  assert.deepEqual([refusal?.rule, refusal?.sealed?.["protocol"]], ["default", "websocket"]);
});
