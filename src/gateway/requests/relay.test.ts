// Replies on their way back: streamed, slow readers, odd statuses, broken upstreams, tools that leave.

import assert from "node:assert/strict";
import type { RequestListener } from "node:http";
import { createServer, type Socket } from "node:net";
import { test } from "node:test";
import {
  grantFor,
  judgeFor,
  listen,
  once,
  openStage,
  openUpstream,
  readAll,
  readUntil,
  type Stage,
} from "../rehearsal.ts";

const name = "api.vendor.example";
const get = (path = "/", method = "GET") => `${method} ${path} HTTP/1.1\r\nHost: ${name}\r\n\r\n`;

async function dial(stage: Stage): Promise<Socket> {
  return stage.dial(await stage.addressOf(name), 80);
}

async function stand(listener: RequestListener) {
  const upstream = await openUpstream(listener, false);
  const grant = grantFor(name, { upstream: { address: upstream.address, ca: undefined } });
  const stage = await openStage({ judge: judgeFor([grant]) });
  return {
    upstream,
    stage,
    outcome: async () => {
      await stage.gateway.close();
      return stage.entries.find(({ kind }) => kind === "reply");
    },
    [Symbol.asyncDispose]: async () => {
      await stage[Symbol.asyncDispose]();
      await upstream[Symbol.asyncDispose]();
    },
  };
}

/** An upstream of raw bytes: what to write once a request's head is there. */
async function standRaw(onRequest: (socket: Socket, count: number) => void, limits = {}) {
  let count = 0;
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.on("data", (chunk: Buffer) => {
      if (!chunk.includes("\r\n\r\n")) return;
      count += 1;
      onRequest(socket, count);
    });
  });
  const port = await listen(server);
  const grant = grantFor(name, { upstream: { address: `127.0.0.1:${port}`, ca: undefined } });
  const stage = await openStage({ judge: judgeFor([grant]), limits });
  return {
    stage,
    count: () => count,
    [Symbol.asyncDispose]: async () => {
      await stage[Symbol.asyncDispose]();
      server.close();
    },
  };
}

test("the first part of a stream is with the tool before the second exists", async () => {
  const { promise: seen, resolve: see } = Promise.withResolvers<void>();
  await using it = await stand((_, response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.flushHeaders();
    void seen.then(() => response.end("data: 2\n\n"));
  });
  const socket = await dial(it.stage);
  socket.write(get());
  await readUntil(socket, /event-stream\r\n(?:.*\r\n)*\r\n/);
  see();
  await readUntil(socket, /data: 2/);
});

test("a tool that does not read stops the upstream, and nothing is lost", async () => {
  const size = 30_000_000;
  await using it = await stand((_, response) => {
    response.writeHead(200, { "content-length": size });
    const piece = Buffer.alloc(1_000_000, "x");
    for (let sent = 0; sent < size; sent += piece.length) response.write(piece);
    response.end();
  });
  const socket = await dial(it.stage);
  socket.pause();
  socket.write(get());
  await once(socket, "readable");
  let got = 0;
  socket.on("data", (chunk: Buffer) => {
    got += chunk.length;
    if (got > size) socket.destroy();
  });
  await once(socket, "close");
  assert.ok(got > size);
});

test("informational replies and trailers pass; 100 does not come twice", async () => {
  await using it = await stand((_, response) => {
    response.writeContinue();
    response.writeEarlyHints({ link: "</a>; rel=preload" });
    response.writeHead(200, { trailer: "X-T" });
    response.write("a");
    response.addTrailers({ "X-T": "v" });
    response.end();
  });
  const socket = await dial(it.stage);
  socket.write(get());
  const reply = await readUntil(socket, /X-T: v\r\n\r\n$/);
  assert.match(reply, /^HTTP\/1.1 103 Early Hints\r\nLink: <\/a>; rel=preload\r\n\r\nHTTP\/1.1 200 OK\r\n/);
});

const bodiless: readonly [method: string, status: number][] = [
  ["HEAD", 200],
  ["GET", 204],
  ["GET", 304],
];
for (const [method, status] of bodiless) {
  test(`${method} ${status} has no body, and the connection goes on`, async () => {
    await using it = await stand((_, response) => {
      response.writeHead(status, status === 204 ? {} : { "content-length": 5 }).end();
    });
    const socket = await dial(it.stage);
    for (const _ of [1, 2]) {
      socket.write(get("/", method));
      const reply = await readUntil(socket, /\r\n\r\n$/);
      assert.match(reply, new RegExp(`^HTTP/1.1 ${status} `));
      assert.equal(/content-length: 5/i.test(reply), status !== 204);
    }
  });
}

test("an upstream that is not there is a 502 and an outcome", async () => {
  const grant = grantFor(name, { upstream: { address: "127.0.0.1:1", ca: undefined } });
  await using stage = await openStage({ judge: judgeFor([grant]) });
  const socket = await dial(stage);
  socket.write(get());
  assert.match(await readUntil(socket, /reached/), /^HTTP\/1.1 502 /);
  await stage.gateway.close();
  const reply = stage.entries.find(({ kind }) => kind === "reply");
  assert.match(String(reply?.sealed?.["outcome"]), /ECONNREFUSED/);
  const [counted] = stage.gateway.statistics().hosts;
  assert.deepEqual([counted?.allowed, counted?.unreached, counted?.bytesOut], [1, 1, 0]);
});

const nonsense: readonly [title: string, reply: string][] = [
  ["no HTTP at all", "SSH-2.0-x\r\n\r\n"],
  ["two lengths", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab"],
  ["a length and chunks", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"],
  ["a protocol nobody asked for", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n"],
  ["nothing, and the end", ""],
];
for (const [title, bytes] of nonsense) {
  test(`an upstream that says ${title} is a 502`, async () => {
    await using it = await standRaw((socket) => socket.end(bytes, "latin1"));
    const socket = await dial(it.stage);
    socket.write(get());
    assert.match(await readUntil(socket, /reached/), /^HTTP\/1.1 502 /);
  });
}

test("a reply that breaks off is broken for the tool too", async () => {
  await using it = await standRaw((socket) => socket.end("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf"));
  const socket = await dial(it.stage);
  socket.write(get());
  assert.match(await readAll(socket), /half$/);
  await it.stage.gateway.close();
  assert.match(String(it.stage.entries.find(({ kind }) => kind === "reply")?.sealed?.["outcome"]), /in the middle/);
});

test("a reply that lasts until the connection ends is whole", async () => {
  await using it = await standRaw((socket) => socket.end("HTTP/1.1 200 OK\r\n\r\nall of it"));
  const socket = await dial(it.stage);
  socket.write(get());
  assert.match(await readUntil(socket, /0\r\n\r\n$/), /all of it/);
});

test("bytes behind a reply are not the next reply", async () => {
  const first = "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\naHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil";
  await using it = await standRaw((socket, count) =>
    socket.write(count === 1 ? first : "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nb"),
  );
  const socket = await dial(it.stage);
  socket.write(get());
  await readUntil(socket, /\r\n\r\na$/);
  socket.write(get());
  assert.match(await readUntil(socket, /\r\n\r\n(?:b|evil)$/), /b$/);
});

test("a connection the upstream wants closed, or whose request is not all out, is not used again", async () => {
  const sockets = new Set<Socket>();
  const reply = "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na";
  await using it = await standRaw(
    (socket, count) => {
      sockets.add(socket);
      socket.write(count === 1 ? reply.replace("OK", "OK\r\nConnection: Close") : reply);
    },
    { memory: 1000 },
  );
  const ask = async (bytes: string | Buffer) => {
    const socket = await dial(it.stage);
    socket.write(bytes);
    await readUntil(socket, /\r\n\r\na$/);
    socket.destroy();
  };
  await ask(get());
  await ask(get());
  assert.equal(sockets.size, 2);
  // answered before its spooled body can be out, on the connection just kept; the next one needs another
  await ask(
    Buffer.concat([
      Buffer.from(get("/", "PUT").replace("\r\n\r\n", "\r\nContent-Length: 9000000\r\n\r\n")),
      Buffer.alloc(9_000_000),
    ]),
  );
  assert.equal(sockets.size, 2);
  await ask(get());
  assert.equal(sockets.size, 3);
});

test("a kept connection that turns out closed: asked again where that does no harm, else told", async () => {
  await using it = await standRaw((socket, count) => {
    if (count === 1 || count === 3) socket.write("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na");
    else socket.destroy();
  });
  const socket = await dial(it.stage);
  socket.write(get());
  await readUntil(socket, /\r\n\r\na$/);
  socket.write(get());
  assert.match(await readUntil(socket, /\r\n\r\na$/), /^HTTP\/1.1 200/);
  socket.write(get("/", "POST"));
  assert.match(await readUntil(socket, /reached/), /^HTTP\/1.1 502/);
  assert.equal(it.count(), 4);
});

test("a tool that leaves takes its upstream connection with it", async () => {
  const { promise: left, resolve: leave } = Promise.withResolvers<void>();
  await using it = await stand((request, response) => {
    request.on("close", leave);
    response.write("data: 1\n\n");
  });
  const socket = await dial(it.stage);
  socket.write(get());
  await readUntil(socket, /data: 1/);
  socket.destroy();
  await left;
  assert.match(String((await it.outcome())?.sealed?.["outcome"]), /tool went away/);
});

test("a reply before the body is out reaches the tool", async () => {
  await using it = await standRaw((socket) => socket.end("HTTP/1.1 413 No\r\nContent-Length: 2\r\n\r\nno"), {
    memory: 1000,
  });
  const socket = await dial(it.stage);
  socket.write(`POST / HTTP/1.1\r\nHost: ${name}\r\nContent-Length: 8000000\r\n\r\n`);
  socket.write(Buffer.alloc(8_000_000));
  assert.match(await readUntil(socket, /no$/), /^HTTP\/1.1 413 No/);
});

test("a silent upstream is given up", async () => {
  await using it = await standRaw(() => undefined, { replyTime: 50 });
  const socket = await dial(it.stage);
  socket.write(get());
  assert.match(await readUntil(socket, /reached/), /^HTTP\/1.1 502/);
});
