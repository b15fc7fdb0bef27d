// Requests as raw bytes, from vectors/gateway/requests.json: each is refused, entered, and never reaches an upstream.

import assert from "node:assert/strict";
import { test } from "node:test";
import requests from "../../../vectors/gateway/requests.json" with { type: "json" };
import { grantFor, judgeFor, openStage, openUpstream, readAll, readUntil } from "../rehearsal.ts";

const name = "api.vendor.example";
interface Case {
  readonly name: string;
  readonly bytes: string;
  readonly status: number;
  readonly rule?: string;
  readonly repeat?: number;
}
const cases: readonly Case[] = requests.cases;

async function stand(limits = {}) {
  const upstream = await openUpstream((request, response) => {
    request.resume().on("end", () => response.end("leaked"));
  }, false);
  const grant = grantFor(name, { upstream: { address: upstream.address, ca: undefined } });
  const stage = await openStage({ judge: judgeFor([grant]), limits });
  const address = await stage.addressOf(name);
  return {
    upstream,
    stage,
    dial: () => stage.dial(address, 80),
    [Symbol.asyncDispose]: async () => {
      await stage[Symbol.asyncDispose]();
      await upstream[Symbol.asyncDispose]();
    },
  };
}

for (const { name: title, bytes, status, rule, repeat } of cases) {
  test(`refused on the wire: ${title}`, async () => {
    await using it = await stand();
    const socket = await it.dial();
    socket.write(bytes.replaceAll("~", name).replace("%\r\n\r\n", `${"a".repeat(repeat ?? 0)}\r\n\r\n`), "latin1");
    const reply = await readAll(socket);
    assert.match(reply, new RegExp(`^HTTP/1.1 ${status} `));
    assert.equal(reply.match(/HTTP\/1\.1 /g)?.length, 1);
    assert.equal(it.upstream.received(), "");
    const refusals = it.stage.entries.filter((entry) => entry.kind === "refusal");
    assert.equal(refusals.length, 1);
    if (rule !== undefined) assert.equal(refusals[0]?.rule, rule);
  });
}

test("a request behind a refused one on the same connection is not taken", async () => {
  await using it = await stand();
  const socket = await it.dial();
  socket.write(`POST / HTTP/1.1\r\nHost: ${name}\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`);
  socket.write(`GET /smuggled HTTP/1.1\r\nHost: ${name}\r\n\r\n`);
  await readAll(socket);
  assert.equal(it.upstream.received(), "");
});

test("pipelined requests are each judged, and answered in order", async () => {
  await using it = await stand();
  const socket = await it.dial();
  const ask = (host: string, path: string) => `GET ${path} HTTP/1.1\r\nHost: ${host}\r\n\r\n`;
  socket.write(ask(name, "/1") + ask(name, "/2") + ask("evil.example", "/3"));
  const reply = await readAll(socket);
  assert.deepEqual(
    [...reply.matchAll(/HTTP\/1\.1 (\d+)/g)].map((match) => match[1]),
    ["200", "200", "421"],
  );
  assert.deepEqual(
    [...it.upstream.received().matchAll(/^GET (\S+)/gm)].map((match) => match[1]),
    ["/1", "/2"],
  );
});

test("more requests ahead than the bound end the connection", async () => {
  await using it = await stand({ pipelined: 3 });
  const socket = await it.dial();
  socket.write(`GET / HTTP/1.1\r\nHost: ${name}\r\n\r\n`.repeat(50));
  await readAll(socket);
  assert.ok((it.upstream.received().match(/GET/g) ?? []).length <= 3);
});

test("an offer of cleartext HTTP/2 is left unanswered, and goes no further", async () => {
  await using it = await stand();
  const socket = await it.dial();
  const offer = "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n";
  socket.write(`GET /a HTTP/1.1\r\nX-A: 1\r\n${offer}Host: ${name}\r\nX-B: 2\r\n\r\n`);
  await readUntil(socket, /leaked/);
  assert.equal(it.upstream.received(), `GET /a HTTP/1.1\r\nX-A: 1\r\nHost: ${name}\r\nX-B: 2\r\n\r\n`);
});

test("behind such an offer the runtime keeps quiet about what it cannot read: none of it leaves, and the deadline ends it", async () => {
  await using it = await stand({ requestTime: 200, headTime: 200 });
  const offer = "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n";
  const head = `POST /a HTTP/1.1\r\n${offer}Host: ${name}\r\nTransfer-Encoding: chunked\r\n\r\n`;
  for (const body of ["5\r\nhello\r\nxyz\r\n", "5\r\nhello\r\n0\r\n: b\r\n\r\n"]) {
    const socket = await it.dial();
    socket.write(`${head}${body}GET /b HTTP/1.1\r\nHost: ${name}\r\n\r\n`);
    assert.match(await readAll(socket), /^HTTP\/1.1 408 /);
  }
  assert.deepEqual(
    it.stage.entries.filter(({ kind }) => kind === "refusal").map(({ rule }) => rule),
    ["gateway:deadline", "gateway:deadline"],
  );
  assert.equal(it.upstream.received(), "");
});

test("absolute form that agrees goes on as it is", async () => {
  await using it = await stand();
  const socket = await it.dial();
  const bytes = `GET http://${name}/a?b HTTP/1.1\r\nHost: ${name}:80\r\n\r\n`;
  socket.write(bytes);
  await readUntil(socket, /leaked/);
  assert.equal(it.upstream.received(), bytes);
});
