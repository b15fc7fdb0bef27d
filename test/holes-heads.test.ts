// A secret in a request's head, with or without a body: nothing leaves, in any protocol; what belongs into a head leaves as it is.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { test } from "node:test";
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
