// A secret in a request's head, with or without a body: nothing leaves, in any protocol; what belongs into a head leaves as it is.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { EventEmitter, once } from "node:events";
import { test } from "node:test";
import type { WebSocket } from "ws";
import { readAll } from "../src/gateway/rehearsal.ts";
import { name, stand, token } from "./holes/stand.ts";

const value = "kv-9fQ2xfQ2xLr7Tz0bWW";
const known = [{ label: "environment KV_TOKEN", value }];
const asked = JSON.stringify({ model: "m", max_tokens: 1, messages: [{ role: "user", content: "hello" }] });

async function get(it: Awaited<ReturnType<typeof stand>>, target: string, headers = ""): Promise<string> {
  const socket = await it.dial();
  socket.write(`GET ${target} HTTP/1.1\r\nHost: ${name}\r\nConnection: close\r\n${headers}\r\n`);
  return (await readAll(socket)).slice(0, 12);
}

const secrets = {
  "a target": { target: `/v1/messages?q=${value}` },
  "a path": { target: `/v1/${token}/messages` },
  "a target of a thousand parameters": { target: `/v1/messages?${"&".repeat(1_001)}q=${token}` },
  "a header": { headers: `X-Debug: ${token}\r\n` },
  "a header in base64": { headers: `X-Debug: ${Buffer.from(`it is ${value}`).toString("base64")}\r\n` },
};

for (const [place, more] of Object.entries(secrets))
  test(`${place}: refused, with a body and without, and on the record without its value`, async () => {
    await using it = await stand({ known });
    const { target = "/v1/messages", headers = "" } = more as { target?: string; headers?: string };
    assert.equal((await it.send(asked, { target, headers })).status, 403);
    assert.match(await get(it, target, headers), /403/);
    assert.deepEqual(it.heard, []);
    const refused = await it.entries("refusal");
    assert.equal(refused.length, 2);
    for (const { rule, counts } of refused) {
      assert.equal(rule, "built-in:secrets");
      assert.ok((counts?.["findings-secret"] ?? 0) >= 1);
    }
    for (const secret of [value, token]) assert.ok(!JSON.stringify(it.stage.entries).includes(secret));
  });

test("what was not looked into of a head is on the record", async () => {
  await using it = await stand({ known });
  const words = Array.from({ length: 510 }, (_, at) => Buffer.from(`word number ${at} of it`).toString("base64"));
  assert.match(await get(it, "/v1/models", `X-Debug: ${words.join(" ")}\r\n`), /200/);
  const [entry] = await it.entries("request");
  assert.deepEqual(entry?.sealed?.["content"], {
    protocol: "unknown",
    operation: "unknown",
    findings: [
      {
        kind: "closed",
        label: "codings",
        from: 0,
        to: words.join(" ").length,
        role: "structure",
        path: "(header x-debug)",
      },
    ],
    closed: 1,
  });
});

test("the name of a host that stands in the environment as well is none", async () => {
  await using it = await stand({ known: [{ label: "environment AUTH0_DOMAIN", value: name }] });
  assert.match(await get(it, "/v1/models"), /200/);
});

test("a trailer: refused, and a checksum passes", async () => {
  await using it = await stand({ known });
  const send = async (trailer: string): Promise<string> => {
    const socket = await it.dial();
    const head = `POST /v1/messages HTTP/1.1\r\nHost: ${name}\r\nConnection: close\r\nContent-Type: application/json\r\n`;
    const body = `${asked.length.toString(16)}\r\n${asked}\r\n0\r\nX-Checksum: ${trailer}\r\n\r\n`;
    socket.write(`${head}Transfer-Encoding: chunked\r\n\r\n${body}`);
    return (await readAll(socket)).slice(0, 12);
  };
  assert.match(await send(value), /403/);
  assert.deepEqual(it.heard, []);
  assert.match(await send("a1b2c3d4"), /200/);
  assert.equal(it.heard.length, 1);
});

test("an opening of a WebSocket too", async () => {
  await using it = await stand({ known });
  const socket = await it.dialSocket(`/v1/responses?q=${value}`);
  const [error] = (await once(socket, "error")) as [Error];
  assert.match(error.message, /426/);
  assert.deepEqual(it.messages, []);
});

test("where it leaves all the same, the record has no value: of the opening, of what is said on the socket, of its end", async () => {
  await using it = await stand({ known, mode: "audit" });
  const socket = await it.dialSocket(`/v1/${value}/responses?q=${token}`);
  await once(socket, "open");
  socket.send("{}");
  await it.received(1);
  socket.ping("it is there");
  socket.close(1000, "bye");
  await once(socket, "close");
  assert.equal((await it.entries("request")).length, 4);
  for (const entry of it.stage.entries)
    for (const secret of [value, token]) assert.ok(!JSON.stringify(entry).includes(secret), entry.kind);
});

const conversation = JSON.stringify({ type: "response.create", input: [{ role: "user", content: value }] });
for (const [what, say] of Object.entries({
  ping: (socket: WebSocket) => socket.ping(value),
  "ping that is a message of the protocol, in which it could be taken out": (socket: WebSocket) =>
    socket.ping(conversation),
  pong: (socket: WebSocket) => socket.pong(`it is ${token}`),
  close: (socket: WebSocket) => socket.close(1000, `it is ${token}`),
}))
  test(`a WebSocket's ${what}: refused, and the connection with it`, async () => {
    const frames: string[] = [];
    const speak = (socket: WebSocket): void => {
      for (const kind of ["ping", "pong"] as const) socket.on(kind, (data: Buffer) => frames.push(String(data)));
      socket.on("close", (_code, reason) => frames.push(String(reason)));
    };
    await using it = await stand({ known, speak });
    const socket = await it.dialSocket();
    await once(socket, "open");
    say(socket);
    await once(socket, "close");
    const [refused, ...others] = await it.entries("refusal");
    assert.equal(refused?.rule, "built-in:secrets");
    assert.deepEqual(others, []);
    for (const secret of [value, token]) assert.ok(!frames.some((frame) => frame.includes(secret)));
  });

test("pings and closes of ordinary clients leave: nothing, a time, four octets of chance", async () => {
  const came = new EventEmitter();
  const pings: string[] = [];
  await using it = await stand({
    known,
    speak: (socket) =>
      socket.on("ping", (data: Buffer) => {
        pings.push(data.toString("hex"));
        if (pings.length === 4) came.emit("four");
      }),
  });
  const socket = await it.dialSocket();
  await once(socket, "open");
  const said = ["", Buffer.from(String(Date.now())).toString("hex"), "ff00fe80", "e9a08f7b22"];
  for (const one of said) socket.ping(Buffer.from(one, "hex"));
  await once(came, "four");
  assert.deepEqual(pings, said);
  socket.close(1000, "bye");
  await once(socket, "close");
  assert.deepEqual(await it.entries("refusal"), []);
});

test("what belongs into a head leaves, octet for octet", async () => {
  await using it = await stand({ known });
  const id = randomUUID();
  const headers = `Authorization: Bearer ${token}\r\nX-Request-Id: ${id}\r\nUser-Agent: agent/1.0\r\n`;
  const target = `/v1/messages?beta=true&session=${id}`;
  assert.equal((await it.send(asked, { headers, target })).status, 200);
  assert.match(await get(it, target, headers), /200/);
  for (const heard of it.heard) {
    assert.equal(heard.target, target);
    assert.equal(heard.headers.authorization, `Bearer ${token}`);
    assert.equal(heard.headers["x-request-id"], id);
  }
  assert.equal(it.heard.length, 2);
});
