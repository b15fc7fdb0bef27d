// What a vendor may say of a call in an odd way, and may not: the name said again, another name for what was begun, the end in the same
// message, no end at all. What is held back is said once, in its place; what is no file is given nothing.

import assert from "node:assert/strict";
import { test } from "node:test";
import { readerOf } from "../../protocol/streams.ts";
import { openRestore, openRestoring } from "./restoring.ts";

const held = "PSTN_KEY_ABCDEFGHIJKLMNOP";
const secret = 'hunter2 "x"';
const values = new Map([[held, secret]]);
const [head, tail] = [held.slice(0, 11), held.slice(11)];

function pass(protocol: string, mediaType: string, octets: string | Buffer): string {
  const restoring = openRestoring(readerOf(protocol, mediaType) ?? assert.fail(), values);
  return String(Buffer.concat([restoring.push(Buffer.from(octets)), restoring.end()]));
}

interface Delta {
  readonly content?: string;
  readonly tool_calls?: readonly { index: number; id?: string; function: { name?: string; arguments?: string } }[];
}
interface Chunk {
  readonly choices: readonly { readonly index?: number; readonly delta: Delta; readonly finish_reason?: string }[];
}

const sse = (messages: readonly unknown[]): string =>
  messages.map((one) => `data: ${JSON.stringify(one)}\n\n`).join("");
const read = (passed: string): unknown[] =>
  passed
    .split("\n\n")
    .filter((event) => event !== "")
    .map((event) => JSON.parse(event.slice(6)));

function chat(...deltas: readonly (readonly [Delta, string?])[]): string {
  const chunks = deltas.map(([delta, finish_reason]) => ({ choices: [{ index: 0, delta, finish_reason }] }));
  const said = read(pass("openai-chat", "text/event-stream", sse(chunks))) as Chunk[];
  const all = said.flatMap(({ choices }) => choices.map(({ delta }) => delta));
  const calls = all.flatMap(({ tool_calls = [] }) => tool_calls.map((one) => one.function.arguments ?? ""));
  return `${all.map(({ content = "" }) => content).join("")}|${calls.join("")}`;
}

const call = (text: string, name?: string, id?: string): Delta => ({
  tool_calls: [
    {
      index: 0,
      ...(id === undefined ? {} : { id }),
      function: { ...(name === undefined ? {} : { name }), arguments: text },
    },
  ],
});

test("the name and the identifier are said again with each piece: it is the same call", () => {
  assert.equal(
    chat([call(`{"a":"${head}`, "Write", "c")], [call(`${tail}"}`, "Write", "c")], [{}, "tool_calls"]),
    `|{"a":${JSON.stringify(secret)}}`,
  );
  assert.equal(chat([call(`x ${head}`, "Write", "c")], [call(tail, "", "c")], [{}, "stop"]), `|x ${secret}`);
});

test("another call of the same index: what was held back is said before, nothing is lost", () => {
  assert.equal(chat([call(`x ${head}`, "Write", "a")], [call("y", "Write", "b")], [{}, "stop"]), `|x ${head}y`);
});

test("another call of the same name is another text: no placeholder goes from one to the next, and each is counted", () => {
  assert.equal(chat([call(`x ${head}`, "Write", "a")], [call(tail, "Write", "b")], [{}, "stop"]), `|x ${held}`);
  const restoring = openRestoring(readerOf("openai-chat", "text/event-stream") ?? assert.fail(), values);
  const of = (text: string, id: string) => ({ choices: [{ index: 0, delta: call(text, "Write", id) }] });
  restoring.push(Buffer.from(sse([of(`${held} `, "a"), of(`${held} `, "b")])));
  restoring.end();
  assert.equal(restoring.restored(), 2);
});

test("the end comes behind what was held back", () => {
  const over = { choices: [{ index: 0, delta: {}, finish_reason: "stop" }] };
  const begun = { choices: [{ index: 0, delta: call(`x ${held}`, "Write", "a") }] };
  const passed = pass("openai-chat", "text/event-stream", sse([begun, over]));
  assert.ok(passed.indexOf("hunter2") > 0 && passed.indexOf("hunter2") < passed.indexOf("finish_reason"), passed);
});

test("a backslash that is held back at the end of a piece that is as long", () => {
  assert.equal(chat([call('{"a":"\\', "Write", "c")], [call("\\\\"), "length"]), '|{"a":"\\\\\\');
});

test("a program's argument that is no text is given nothing", () => {
  const octets = JSON.stringify({ content: [{ type: "tool_use", id: "t", name: "exec", input: { cmd: held } }] });
  assert.equal(pass("anthropic", "application/json", octets), octets);
});

test("what is begun under another name is another tool's: a command is given nothing", () => {
  assert.equal(chat([call("", "Write", "a")], [call(held, "Bash", "a")], [{}, "stop"]), `|${held}`);
  const named = (name: string) => ({
    type: "content_block_start",
    index: 0,
    content_block: { type: "tool_use", id: "t", name, input: {} },
  });
  const more = { type: "content_block_delta", index: 0, delta: { type: "input_json_delta", partial_json: held } };
  const end = { type: "content_block_stop", index: 0 };
  const passed = pass("anthropic", "text/event-stream", sse([named("Write"), end, named("Bash"), more, end]));
  assert.ok(!passed.includes("hunter2"));
});

test("a text within a call's block is a text", () => {
  const begin = {
    type: "content_block_start",
    index: 0,
    content_block: { type: "tool_use", id: "t", name: "Write", input: {} },
  };
  const text = { type: "content_block_delta", index: 0, delta: { type: "text_delta", text: `${held} ` } };
  const octets = sse([begin, text, { type: "content_block_stop", index: 0 }]);
  assert.equal(pass("anthropic", "text/event-stream", octets), octets);
});

test("an item that is told whole is what it says it is, whatever was begun under its identifier", () => {
  const added = {
    type: "response.output_item.added",
    item: { type: "function_call", id: "f", call_id: "c", name: "Write" },
  };
  for (const item of [
    { type: "function_call", id: "f", call_id: "c", name: "shell", arguments: JSON.stringify({ cmd: held }) },
    { type: "local_shell_call", id: "f", call_id: "c", action: { command: ["echo", held] } },
    { type: "custom_tool_call", id: "f", call_id: "c", name: "exec", input: `tools.exec_command("${held}")` },
  ]) {
    const done = { type: "response.output_item.done", item };
    const restoring = openRestore(values).openMessages("openai-responses") ?? assert.fail();
    const passed = [added, done].flatMap((one) => restoring.pass(Buffer.from(JSON.stringify(one))));
    assert.deepEqual(
      passed.map(String),
      [added, done].map((one) => JSON.stringify(one)),
    );
  }
});

test("the end in the same message: what was held back stands behind what was not", () => {
  assert.equal(chat([call(`{"a":"${head}`, "Write", "c"), "length"]), `|{"a":"${head}`);
  assert.equal(chat([call(`x ${held}`, "apply_patch", "c"), "tool_calls"]), `|x ${secret}`);
});

test("what else is said in the message that is said again is said once", () => {
  assert.equal(chat([{ content: "so", ...call(`x ${held}`, "apply_patch", "c") }], [{}, "stop"]), `so|x ${secret}`);
});

test("another choice's end: the arguments of a call are JSON still", () => {
  const of = (index: number, delta: Delta, finish_reason?: string) => ({ choices: [{ index, delta, finish_reason }] });
  const chunks = [of(0, call('{"a":"', "Write", "c")), of(1, {}, "stop"), of(0, call(`${held}"}`)), of(0, {}, "stop")];
  const said = read(pass("openai-chat", "text/event-stream", sse(chunks))) as Chunk[];
  const texts = said.flatMap(({ choices }) => choices[0]?.delta.tool_calls?.[0]?.function.arguments ?? []);
  assert.deepEqual(JSON.parse(texts.join("")), { a: secret });
});

test("a reply that breaks off: what was held back is said before what nobody can read", () => {
  const begin = of("Write");
  function of(name: string) {
    return { type: "content_block_start", index: 0, content_block: { type: "tool_use", id: "t", name, input: {} } };
  }
  const more = {
    type: "content_block_delta",
    index: 0,
    delta: { type: "input_json_delta", partial_json: `x ${held}` },
  };
  const passed = pass("anthropic", "text/event-stream", `${sse([begin, more])}data: {"type"`);
  assert.ok(passed.endsWith('\n\ndata: {"type"') && passed.includes("hunter2"), passed);
  const lines = pass("anthropic", "application/x-ndjson", [begin, more].map((one) => JSON.stringify(one)).join("\n"));
  assert.deepEqual(
    lines.split("\n").map((line) => (JSON.parse(line) as { delta?: { partial_json: string } }).delta?.partial_json),
    [undefined, `x ${secret}`],
  );
  const odd = pass(
    "anthropic",
    "application/x-ndjson",
    `${[begin, more].map((one) => JSON.stringify(one)).join("\n")}\nno JSON`,
  );
  assert.ok(odd.includes("hunter2") && odd.endsWith("\nno JSON"), odd);
});
