// The vendor on HTTP/2 and on a WebSocket, asked by the runtime's client and by the package ws.

import assert from "node:assert/strict";
import { connect as connectHttp2 } from "node:http2";
import { test } from "node:test";
import { connect as connectTls } from "node:tls";
import { zstdCompressSync } from "node:zlib";
import { WebSocket } from "ws";
import { issueForLoopback } from "../gateway/authority/loopback.ts";
import { demo } from "./demo.ts";
import { openVendor, type Vendor, vendorNames } from "./server.ts";

const tls = issueForLoopback(vendorNames);
const open = () => openVendor({ script: demo.script, key: "lab", tls });
const tool = {
  type: "function",
  name: "shell",
  parameters: { type: "object", properties: { command: { type: "string" } }, required: ["command"] },
};
const read = {
  type: "function",
  name: "read",
  parameters: { type: "object", properties: { path: { type: "string" } }, required: ["path"] },
};
const edit = {
  type: "function",
  name: "edit",
  parameters: {
    type: "object",
    properties: { path: { type: "string" }, old: { type: "string" }, new: { type: "string" } },
    required: ["path", "old", "new"],
  },
};
const asked = { type: "response.create", model: "m", input: [], tools: [read, tool, edit] };

function secure(vendor: Vendor, protocols: string[]) {
  const [host, port] = vendor.address.split(":");
  return connectTls({ host, port: Number(port), servername: "api.openai.com", ca: tls.ca, ALPNProtocols: protocols });
}

async function speak(vendor: Vendor, key = "lab"): Promise<WebSocket> {
  const socket = secure(vendor, ["http/1.1"]);
  const spoken = new WebSocket("ws://api.openai.com/v1/responses", {
    createConnection: () => socket,
    headers: { authorization: `Bearer ${key}` },
  });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  spoken.on("open", resolve);
  spoken.on("error", reject);
  await promise;
  return spoken;
}

interface Told {
  readonly type: string;
  readonly response?: { readonly id: string; readonly output: readonly object[] };
  readonly item?: { readonly type: string; readonly name?: string; readonly input?: string };
}

/** Asks, and hears until the answer is whole. */
async function ask(spoken: WebSocket, message: object): Promise<readonly Told[]> {
  const told: Told[] = [];
  const { promise, resolve } = Promise.withResolvers<readonly Told[]>();
  const hear = (data: Buffer): void => {
    const one = JSON.parse(data.toString()) as Told;
    told.push(one);
    if (!["response.completed", "error"].includes(one.type)) return;
    spoken.off("message", hear);
    resolve(told);
  };
  spoken.on("message", hear);
  spoken.send(JSON.stringify(message));
  return promise;
}

const last = (told: readonly Told[]) => told.at(-1)?.response;

void test("a script is played on a WebSocket: a look ahead, then turns that name the one before", async () => {
  await using vendor = await open();
  const spoken = await speak(vendor);
  const ahead = await ask(spoken, { ...asked, generate: false });
  assert.deepEqual(last(ahead)?.output, []);
  const first = await ask(spoken, { ...asked, previous_response_id: last(ahead)?.id });
  assert.equal(first.find(({ type }) => type === "response.output_item.done")?.type, "response.output_item.done");
  assert.ok(first.some(({ item }) => item?.type === "function_call" && item.name === "read"));
  const output = [{ type: "function_call_output", call_id: "x", output: "done" }];
  const second = await ask(spoken, { ...asked, previous_response_id: last(first)?.id, input: output });
  assert.ok(second.some(({ item }) => item?.name === "shell"));
  assert.equal((await ask(spoken, { type: "response.steer" }))[0]?.type, "error");
  assert.equal((await ask(spoken, { ...asked, previous_response_id: "nobody" }))[0]?.type, "error");
  spoken.terminate();
  assert.deepEqual(
    vendor.requests.map(({ protocol, method, target, status }) => [protocol, method, target, status]),
    Array.from({ length: 6 }, (_, at) => ["websocket", "GET", "/v1/responses", at === 0 ? 101 : 200]),
  );
  assert.equal(vendor.requests[1]?.servername, "api.openai.com");
  assert.deepEqual(JSON.parse(vendor.requests[2]?.body.toString() ?? "").previous_response_id, last(ahead)?.id);
});

void test("a WebSocket with another key, or where none is spoken, is answered with an error", async () => {
  await using vendor = await open();
  await assert.rejects(speak(vendor, "other"), /401/);
  const socket = secure(vendor, ["http/1.1"]);
  const spoken = new WebSocket("ws://api.openai.com/v1/elsewhere", { createConnection: () => socket });
  const { promise, resolve } = Promise.withResolvers<Error>();
  spoken.on("error", resolve);
  assert.match((await promise).message, /404/);
  assert.deepEqual(
    vendor.requests.map(({ status }) => status),
    [401, 404],
  );
});

void test("HTTP/2 where it is offered, with a body in zstd", async () => {
  await using vendor = await open();
  const session = connectHttp2("https://api.openai.com", {
    createConnection: () => secure(vendor, ["h2", "http/1.1"]),
  });
  const fields = {
    ":method": "POST",
    ":path": "/v1/responses",
    authorization: "Bearer lab",
    "content-encoding": "zstd",
  };
  const stream = session.request(fields);
  stream.end(zstdCompressSync(JSON.stringify({ ...asked, stream: true })));
  let text = "";
  for await (const chunk of stream.setEncoding("utf8")) text += String(chunk);
  assert.match(text, /event: response.completed\n/);
  session.close();
  const [received] = vendor.requests;
  assert.deepEqual(
    [received?.protocol, received?.target, received?.servername, received?.status],
    ["h2", "/v1/responses", "api.openai.com", 200],
  );
  assert.deepEqual(received?.headers.slice(0, 2), [":method", "POST"]);
});

void test("tools announced in the conversation stand for the whole of a WebSocket, and are told in custom calls", async () => {
  await using vendor = await open();
  const spoken = await speak(vendor);
  const exec = { type: "custom", name: "exec", description: "Run JavaScript" };
  const wait = { type: "function", name: "wait", parameters: {} };
  const announced = {
    type: "additional_tools",
    tools: [{ type: "namespace", name: "functions", tools: [exec, wait] }],
  };
  const asking = { type: "response.create", model: "m" };
  const first = await ask(spoken, { ...asking, input: [announced, { type: "message" }] });
  const call = first.find(
    ({ type, item }) => type === "response.output_item.done" && item?.type === "custom_tool_call",
  );
  assert.deepEqual([call?.item?.name, call?.item?.input?.startsWith("text(await tools.")], ["exec", true]);
  const output = [{ type: "custom_tool_call_output", call_id: "x", output: "done" }];
  const second = await ask(spoken, { ...asking, previous_response_id: last(first)?.id, input: output });
  assert.ok(second.some(({ item }) => item?.name === "exec"));
  const deltas = second.filter(({ type }) => type === "response.custom_tool_call_input.delta");
  assert.ok(deltas.length > 1);
  const other = await speak(vendor);
  const title = await ask(other, { ...asking, input: output });
  assert.ok(!title.some(({ item }) => item?.type === "custom_tool_call"), "another WebSocket has heard of none");
  spoken.terminate();
  other.terminate();
});
