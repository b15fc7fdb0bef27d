// Values that are known, told by their hashes or taken apart over texts, fields and messages: through the gateway, with what the vendor
// received as the ground truth.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { WebSocket } from "ws";
import { placeholder, stand } from "./holes/stand.ts";

const value = "kv-9fQ2xfQ2xLr7Tz0bWW";
const known = [{ label: "environment KV_TOKEN", value }];
const [a, b] = [value.slice(0, 8), value.slice(8)];
const ask = (...messages: readonly object[]): string => JSON.stringify({ model: "m", max_tokens: 1, messages });
const text = (said: string) => ({ type: "text", text: said });

/** What the vendor can put together of all that is said, and of each name. */
const whole = (body: unknown): string =>
  JSON.stringify(body).replaceAll(/"(?:type|text|role|content|user|name|input)"|[^\w-]/g, "");

test("hashes of a value that is known are taken out: four algorithms, hexadecimal and base64, cut", async () => {
  await using it = await stand({ known });
  for (const algorithm of ["sha256", "sha1", "md5", "sha512"] as const)
    for (const said of [value, `${value}\n`])
      for (const encoding of ["hex", "base64"] as const) {
        const digest = createHash(algorithm).update(said).digest(encoding);
        for (const written of [digest, digest.slice(0, 16)]) {
          const { status } = await it.send(ask({ role: "user", content: `key ${written} of ours` }));
          assert.equal(status, 200);
          const got = String(it.heard.at(-1)?.body);
          assert.ok(!got.includes(written.slice(0, 16)) && placeholder.test(got), `${algorithm} ${encoding}: ${got}`);
        }
      }
});

const apart: Readonly<Record<string, string>> = {
  "two blocks of a message": ask({ role: "user", content: [text(`it begins ${a}`), text(`${b} and ends`)] }),
  "two messages": ask({ role: "user", content: a }, { role: "assistant", content: b }),
  "two fields of a call": ask(
    { role: "assistant", content: [{ type: "tool_use", id: "t", name: "f", input: { x: a, y: b } }] },
    { role: "user", content: "go on" },
  ),
  "a list of letters": ask(
    { role: "assistant", content: [{ type: "tool_use", id: "t", name: "f", input: { x: [...value] } }] },
    { role: "user", content: "go on" },
  ),
  "base64 in two blocks": ask({
    role: "user",
    content: [
      text(Buffer.from(value).toString("base64").slice(0, 11)),
      text(Buffer.from(value).toString("base64").slice(11)),
    ],
  }),
};

for (const [name, body] of Object.entries(apart))
  test(`a value over ${name} is taken out, each part of it`, async () => {
    await using it = await stand({ known });
    for (let round = 0; round < 2; round += 1) assert.equal((await it.send(body)).status, 200);
    const [first, second] = it.heard.map((heard) => String(heard.body));
    assert.equal(first, second, "the same octets when it is sent again");
    assert.ok(first !== undefined && first !== body && placeholder.test(first));
    const left = whole(JSON.parse(first));
    const parts = first.match(new RegExp(placeholder, "g")) ?? [];
    assert.equal(new Set(parts).size, parts.length, "equal letters are not seen to be equal");
    assert.ok(
      !left.includes(value) &&
        !left.includes(a) &&
        !left.includes(b) &&
        !left.includes([...value].slice(4, 9).join("")),
    );
  });

test("strings of arguments that are JSON in a string", async () => {
  await using it = await stand({ known });
  const call = { id: "c", type: "function", function: { name: "f", arguments: JSON.stringify({ x: a, y: b }) } };
  const target = "/v1/chat/completions";
  assert.equal((await it.send(ask({ role: "assistant", tool_calls: [call] }), { target })).status, 200);
  const got = JSON.parse(String(it.heard[0]?.body)) as { messages: { tool_calls: (typeof call)[] }[] };
  const { x = "", y = "" } = JSON.parse(got.messages[0]?.tool_calls[0]?.function.arguments ?? "{}") as Record<
    string,
    string
  >;
  assert.match(x, placeholder);
  assert.match(y, placeholder);
});

test("where a part stands in what may not be changed, nothing leaves", async () => {
  await using it = await stand({ known });
  const signed = { type: "thinking", thinking: a, signature: b };
  const { status } = await it.send(ask({ role: "assistant", content: [signed] }, { role: "user", content: "go on" }));
  assert.equal(status, 403);
  assert.deepEqual(it.heard, []);
});

test("over messages of one socket: what goes on in the next is taken out there", async () => {
  await using it = await stand({ known });
  const socket: WebSocket = await it.dialSocket();
  await once(socket, "open");
  const say = (said: string): void => {
    const input = [{ type: "message", role: "user", content: [{ type: "input_text", text: said }] }];
    socket.send(JSON.stringify({ input, type: "response.create" }));
  };
  say(`it begins ${a}`);
  say(`${b} and ends`);
  for (let waited = 0; it.messages.length < 2 && waited < 100; waited += 1) await sleep(50);
  const got = it.messages.map(String);
  assert.equal(got.length, 2);
  assert.ok(got[0]?.includes(a));
  assert.ok(!got[1]?.includes(b) && placeholder.test(got[1] ?? ""), got[1]);
  socket.terminate();
});
