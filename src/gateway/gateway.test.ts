// Invariant 2: what is let through goes and comes byte for byte; and what becomes of what is not.

import assert from "node:assert/strict";
import { test } from "node:test";
import { grantFor, judgeFor, openStage, openUpstream, readAll, readUntil } from "./rehearsal.ts";

const name = "api.vendor.example";
const get = `GET /v1/models?x=1 HTTP/1.1\r\nHost: ${name}\r\nX-OdD: 1\r\nx-odd: 2\r\nAccept: */*\r\n\r\n`;

test("a granted request goes through byte for byte and its reply comes back byte for byte", async () => {
  await using upstream = await openUpstream((request, response) => {
    request.resume();
    response.sendDate = false;
    response.removeHeader("connection");
    response.writeHead(200, "Fine", ["X-B", "1", "x-a", "2", "Content-Length", "2"]);
    response.end("ok");
  });
  const grant = grantFor(name, { upstream: { address: upstream.address, ca: upstream.ca } });
  await using stage = await openStage({ judge: judgeFor([grant]) });
  const socket = await stage.dialTls(name);
  socket.write(get);
  const reply = await readUntil(socket, /ok$/);
  assert.equal(upstream.received(), get);
  assert.equal(reply, "HTTP/1.1 200 Fine\r\nX-B: 1\r\nx-a: 2\r\nContent-Length: 2\r\n\r\nok");
  const post = `POST /v1/messages HTTP/1.1\r\nhost: ${name}\r\ncontent-length: 5\r\n\r\nhello`;
  socket.write(post);
  await readUntil(socket, /ok$/);
  assert.equal(upstream.received(), get + post);
  socket.destroy();
  await stage.gateway.close();
  assert.deepEqual(stage.entries.map((entry) => entry.kind).toSorted(), [
    "connection",
    "reply",
    "reply",
    "request",
    "request",
  ]);
  const { hosts } = stage.gateway.statistics();
  assert.equal(hosts[0]?.requests, 2);
  assert.equal(hosts[0]?.allowed, 2);
  assert.equal(hosts[0]?.unreached, 0);
});

test("a wall clock that is set back under way is in no duration", async (context) => {
  const real = Date.now;
  let set = 0;
  context.mock.method(Date, "now", () => real() + set);
  await using upstream = await openUpstream((request, response) => {
    request.resume();
    set = -3_600_000;
    response.end("ok");
  });
  const grant = grantFor(name, { upstream: { address: upstream.address, ca: upstream.ca } });
  await using stage = await openStage({ judge: judgeFor([grant]) });
  const socket = await stage.dialTls(name);
  socket.write(get.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n"));
  await readAll(socket);
  await stage.gateway.close();
  const duration = stage.entries.find(({ kind }) => kind === "reply")?.counts?.["duration-ms"];
  assert.ok(duration !== undefined && duration >= 0, String(duration));
});

test("a refused request gets its answer, and no upstream is dialled", async () => {
  await using stage = await openStage();
  const socket = await stage.dialTls(name);
  socket.write(get.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n"));
  assert.match(await readAll(socket), /^HTTP\/1\.1 403 Forbidden\r\n.*not permitted by the policy/s);
  const refusal = stage.entries.find((entry) => entry.kind === "refusal");
  assert.equal(refusal?.rule, "default");
  assert.equal(refusal?.sealed?.["host"], name);
});

test("what cannot be read takes nothing from what was let go", async () => {
  await using upstream = await openUpstream((_, response) => void response.end("ok"));
  const grant = grantFor(name, { upstream: { address: upstream.address, ca: upstream.ca } });
  await using stage = await openStage({ judge: judgeFor([grant]) });
  const one = await stage.dialTls(name);
  one.write(get.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n"));
  await readAll(one);
  for (let time = 0; time < 2; time += 1) {
    const raw = await stage.dialTls(name);
    raw.write("CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n");
    await readAll(raw);
  }
  const { allowed, refused } = stage.gateway.statistics();
  assert.deepEqual({ allowed, refused }, { allowed: 1, refused: 2 });
});

test("requests written ahead beyond the bound end the connection, and that is entered", async () => {
  await using stage = await openStage({ limits: { pipelined: 2 } });
  const socket = await stage.dialTls(name);
  socket.on("error", () => undefined);
  socket.write(get.repeat(5));
  await readAll(socket);
  await stage.gateway.close();
  assert.equal(stage.entries.filter((entry) => entry.rule === "gateway:pipelined").length, 1);
});
