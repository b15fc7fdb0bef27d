// Replies on their way to the tool, in every framing, and messages of a WebSocket: cut anywhere the same; where nothing could be a placeholder the
// octets that came; of each block what is said is what giving back all of it at once makes of it, and only in calls that write a file.

import assert from "node:assert/strict";
import { openPlaceholders } from "../../../src/inspection/placeholders/placeholders.ts";
import { readJson } from "../../../src/protocol/json/reader.ts";
import { piecesOfMessages, type ReadReply, readerOf } from "../../../src/protocol/streams.ts";
import { openRestore, openRestoring } from "../../../src/session/inspecting/restoring.ts";
import { dialects } from "../../restoring/dialects.ts";
import { replies } from "../../restoring/replies.ts";
import { pieces, type Target } from "../target.ts";
import { type Message, saidBy, toBeSaid } from "./giving-back-model.ts";

const placeholders = openPlaceholders((text) => Buffer.alloc(32, text.length));
const secret = 'hunter2 "quoted"\nsecond \\ line é';
const held = placeholders.of(secret, "key");
const { all: values } = placeholders;

const kinds: readonly (readonly [protocol: string, mediaType: string])[] = [
  ...["anthropic", "openai-chat", "openai-responses", "gemini"].map((name) => [name, "text/event-stream"] as const),
  ["bedrock", "application/vnd.amazon.eventstream"],
  ["anthropic", "application/vnd.amazon.eventstream"],
  ["ollama", "application/x-ndjson"],
  ...["anthropic", "openai-chat", "openai-responses", "gemini", "bedrock", "ollama"].map(
    (name) => [name, "application/json"] as const,
  ),
];
const socket = kinds.length;

function pass(reader: ReadReply, octets: Buffer, size: number) {
  const restoring = openRestoring(reader, values);
  const passed = [...pieces(octets, size)].map((chunk) => restoring.push(chunk));
  return { octets: Buffer.concat([...passed, restoring.end()]), restored: restoring.restored() };
}

function messagesIn({ open }: ReadReply, octets: Buffer): readonly Message[] {
  const reader = open();
  return [...reader.push(octets), ...reader.end()].flatMap((part) =>
    part.kind === "message" ? [{ data: part.data, type: part.type }] : [],
  );
}

function hasTwice({ data }: Message): boolean {
  const read = readJson(data);
  return read.kind === "json" && read.tree.objections.some(({ what }) => what === "duplicate key");
}

function checkReply(reader: ReadReply, octets: Buffer): string {
  const came = messagesIn(reader, octets);
  const { said, restored, mayHold } = toBeSaid(reader.read, came, values);
  for (const size of [octets.length + 1, 1, 7]) {
    const passed = pass(reader, octets, size);
    const what = `cut each ${size}`;
    assert.deepEqual(saidBy(reader.read, messagesIn(reader, passed.octets)), said, what);
    // of a key that comes twice a client reads the last; all are given back
    assert.ok(came.some(hasTwice) ? passed.restored >= restored : passed.restored === restored, what);
    if (!mayHold) assert.ok(passed.octets.equals(octets), `${what}: nothing to give back, and other octets`);
  }
  return `${came.length > 0} ${mayHold} ${restored}`;
}

function checkMessages(octets: Buffer): string {
  const read = piecesOfMessages("openai-responses") ?? assert.fail();
  const restoring = openRestore(values).openMessages("openai-responses") ?? assert.fail();
  const came = octets
    .toString("latin1")
    .split("\n")
    .map((line) => ({ data: Buffer.from(line, "latin1"), type: "" }));
  const passed = came.flatMap(({ data }) => restoring.pass(data).map((one) => ({ data: one, type: "" })));
  // nobody says when a socket has ended: what is held back then is lost with it
  const expected = toBeSaid(read, came, values, "no end");
  assert.deepEqual(saidBy(read, passed), expected.said);
  assert.equal(restoring.restored(), expected.restored);
  return `socket ${expected.mayHold} ${expected.restored}`;
}

function check(bytes: Buffer): string {
  const kind = (bytes[0] ?? 0) % (socket + 1);
  const octets = bytes.subarray(1);
  if (kind === socket) return checkMessages(octets);
  const [protocol = "", mediaType = ""] = kinds[kind] ?? [];
  return `${kind} ${checkReply(readerOf(protocol, mediaType) ?? assert.fail(protocol), octets)}`;
}

const kindOf = (protocol: string, mediaType: string): number =>
  kinds.findIndex(([name, type]) => name === protocol && mediaType.startsWith(type));

const seed = (kind: number, octets: Buffer): Buffer => Buffer.concat([Buffer.of(kind), octets]);
const chat = (delta: object, more: object = {}): string =>
  `data: ${JSON.stringify({ choices: [{ index: 0, delta, ...more }] })}\n\n`;
const called = (text: string, tool?: { id: string; name: string }): object => ({
  tool_calls: [{ index: 0, id: tool?.id, function: { name: tool?.name, arguments: text } }],
});
const event = (type: string, more: object): string => JSON.stringify({ type: `response.${type}`, ...more });
const item = (name: string, more: object = {}): object => ({
  type: "function_call",
  id: "f",
  call_id: "c",
  name,
  ...more,
});

export const target: Target = {
  seeds: [
    ...[...dialects, ...replies].flatMap((reply) =>
      ["Write", "Bash"].map((tool) =>
        seed(kindOf(reply.protocol, reply.mediaType), reply.write(tool, `A=${held} `, `say ${held}`)),
      ),
    ),
    seed(
      1,
      Buffer.from(
        chat(called("", { id: "c", name: "Write" })) +
          chat(called(`{"a":"${held.slice(0, 9)}`)) +
          chat(called(`${held.slice(9)}"}`), { finish_reason: "tool_calls" }),
      ),
    ),
    seed(1, Buffer.from(chat({ content: "so", ...called(`${held} `, { id: "c", name: "apply_patch" }) }))),
    seed(
      socket,
      Buffer.from(
        [
          event("output_item.added", { item: item("Write") }),
          event("function_call_arguments.delta", { item_id: "f", delta: `{"a":"${held.slice(0, 12)}` }),
          event("function_call_arguments.delta", { item_id: "f", delta: `${held.slice(12)}"}` }),
          event("function_call_arguments.done", { item_id: "f", arguments: `{"a":"${held}"}` }),
          event("output_item.done", { item: item("Write", { arguments: `{"a":"${held}"}` }) }),
          event("completed", { response: { output: [item("Write", { arguments: `{"a":"${held}"}` })] } }),
        ].join("\n"),
      ),
    ),
  ],
  words: [
    held,
    held.slice(0, 7),
    held.slice(7),
    "P",
    '"name":"Write"',
    '"name":"Bash"',
    '"name":"exec"',
    '"id":"c"',
    '"index":0',
    '"index":1',
    '"finish_reason":"stop"',
    '"type":"local_shell_call"',
    'await tools.apply_patch(\\"',
    "\\\\",
    "\\u0050",
    "\n\n",
    "data: ",
    "\r",
    "},{",
    ...[
      chat({ content: "P" }),
      chat(called("P")),
      chat(called(held, { id: "c", name: "Write" })),
      chat({}, { finish_reason: "stop" }),
    ],
    ...["Write", "Bash", "exec"].map((name) => `${event("output_item.added", { item: item(name) })}\n`),
    `${event("function_call_arguments.delta", { item_id: "f", delta: held })}\n`,
  ],
  longest: 6000,
  run: check,
};
