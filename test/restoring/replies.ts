// For tests: replies as vendors write them — whole JSON, Ollama's lines, Gemini's streamed array, Bedrock's event streams — and what a
// client reads of each, by readers of our own.

import assert from "node:assert/strict";
import { crc32, writeFrame } from "../../src/protocol/amazon/event-stream.ts";

export interface Reply {
  readonly name: string;
  readonly protocol: string;
  readonly mediaType: string;
  /** A call of this tool with a placeholder in its arguments, and a text with one. */
  readonly write: (tool: string, content: string, text: string) => Buffer;
  /** What the client reads of it: texts and arguments of calls. */
  readonly read: (octets: Buffer) => { readonly texts: readonly unknown[]; readonly calls: readonly unknown[] };
}

export const argumentsOf = (content: string) => ({ file_path: "a.env", content, deep: [{ more: content }] });
const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));
/** Whatever a client makes of it. */
export type Any = ReturnType<typeof JSON.parse>;
const parse = (octets: Buffer): Any => JSON.parse(octets.toString());

export const frames = (events: readonly (readonly [type: string, payload: unknown])[]): Buffer =>
  Buffer.concat(
    events.map(([type, payload]) => {
      const field = (name: string, value: string): Buffer => {
        const [head, body] = [Buffer.from(name), Buffer.from(value)];
        return Buffer.concat([Buffer.of(head.length), head, Buffer.of(7, 0, body.length), body]);
      };
      return writeFrame(Buffer.concat([field(":event-type", type), field(":message-type", "event")]), json(payload));
    }),
  );

/** A reader of our own, sums and all. */
function framesIn(octets: Buffer): readonly (readonly [type: string, payload: Any])[] {
  const events: (readonly [string, Any])[] = [];
  for (let at = 0; at < octets.length; ) {
    const [size, headers] = [octets.readUInt32BE(at), octets.readUInt32BE(at + 4)];
    assert.equal(octets.readUInt32BE(at + 8), crc32(octets.subarray(at, at + 8)));
    assert.equal(octets.readUInt32BE(at + size - 4), crc32(octets.subarray(at, at + size - 4)));
    const head = octets.toString("latin1", at + 12, at + 12 + headers);
    const [, type = ""] = /:event-type\x07\0.([A-Za-z]+)/s.exec(head) ?? [];
    events.push([type, parse(octets.subarray(at + 12 + headers, at + size - 4))]);
    at += size;
  }
  return events;
}

const cutUp = (text: string): readonly string[] => text.match(/[\s\S]{1,7}/g) ?? [];

function joinBlocks(events: readonly Any[]) {
  const blocks = new Map<number, { text: string; call: string }>();
  for (const { index, text = "", call = "" } of events) {
    const known = blocks.get(index) ?? { text: "", call: "" };
    blocks.set(index, { text: known.text + text, call: known.call + call });
  }
  const all = [...blocks.values()];
  return {
    texts: all.map(({ text }) => text).filter((text) => text !== ""),
    calls: all.filter(({ call }) => call !== "").map(({ call }): unknown => JSON.parse(call)),
  };
}

export const converse: Reply = {
  name: "Bedrock Converse, streamed",
  protocol: "bedrock",
  mediaType: "application/vnd.amazon.eventstream",
  write: (tool, content, text) =>
    frames([
      ["messageStart", { role: "assistant" }],
      ...cutUp(text).map((piece) => ["contentBlockDelta", { contentBlockIndex: 0, delta: { text: piece } }] as const),
      ["contentBlockStop", { contentBlockIndex: 0 }],
      ["contentBlockStart", { contentBlockIndex: 1, start: { toolUse: { toolUseId: "t1", name: tool } } }],
      ...cutUp(JSON.stringify(argumentsOf(content))).map(
        (input) => ["contentBlockDelta", { contentBlockIndex: 1, delta: { toolUse: { input } } }] as const,
      ),
      ["contentBlockStop", { contentBlockIndex: 1 }],
      ["messageStop", { stopReason: "tool_use" }],
    ]),
  read: (octets) =>
    joinBlocks(
      framesIn(octets)
        .filter(([type]) => type === "contentBlockDelta")
        .map(([, { contentBlockIndex: index, delta }]) => ({ index, text: delta.text, call: delta.toolUse?.input })),
    ),
};

const invoke: Reply = {
  name: "Claude at Bedrock, streamed",
  protocol: "anthropic",
  mediaType: "application/vnd.amazon.eventstream",
  write: (tool, content, text) => {
    const events = [
      { type: "content_block_start", index: 0, content_block: { type: "text", text: "" } },
      ...cutUp(text).map((piece) => ({
        type: "content_block_delta",
        index: 0,
        delta: { type: "text_delta", text: piece },
      })),
      { type: "content_block_stop", index: 0 },
      { type: "content_block_start", index: 1, content_block: { type: "tool_use", id: "t", name: tool, input: {} } },
      ...cutUp(JSON.stringify(argumentsOf(content))).map((partial_json) => ({
        type: "content_block_delta",
        index: 1,
        delta: { type: "input_json_delta", partial_json },
      })),
      { type: "content_block_stop", index: 1 },
      { type: "message_stop" },
    ];
    return frames(events.map((event) => ["chunk", { bytes: json(event).toString("base64"), p: "abc" }] as const));
  },
  read: (octets) =>
    joinBlocks(
      framesIn(octets)
        .map(([, { bytes }]) => parse(Buffer.from(bytes as string, "base64")))
        .filter(({ type }) => type === "content_block_delta")
        .map(({ index, delta }) => ({ index, text: delta.text, call: delta.partial_json })),
    ),
};

const geminiPart = (part: unknown) => ({ candidates: [{ index: 0, content: { role: "model", parts: [part] } }] });

const gemini: Reply = {
  name: "Gemini, a streamed array",
  protocol: "gemini",
  mediaType: "application/json; charset=UTF-8",
  write: (tool, content, text) => {
    const parts = [
      ...cutUp(text).map((piece) => ({ text: piece })),
      { functionCall: { name: tool, args: argumentsOf(content) } },
    ];
    return Buffer.from(`[${parts.map((part) => JSON.stringify(geminiPart(part), undefined, 2)).join("\n,\r\n")}\n]\n`);
  },
  read: (octets) => {
    const all = (parse(octets) as Any[]).flatMap(({ candidates }) => candidates[0].content.parts as Any[]);
    return {
      texts: [all.map(({ text = "" }) => text as string).join("")],
      calls: all.flatMap(({ functionCall }) => (functionCall === undefined ? [] : [functionCall.args as unknown])),
    };
  },
};

const ollama: Reply = {
  name: "Ollama, lines",
  protocol: "ollama",
  mediaType: "application/x-ndjson",
  write: (tool, content, text) => {
    const call = { function: { name: tool, arguments: argumentsOf(content) } };
    const lines = [
      ...cutUp(text).map((piece) => ({ message: { role: "assistant", content: piece }, done: false })),
      { message: { role: "assistant", content: "", tool_calls: [call] }, done: false },
      { message: { role: "assistant", content: "" }, done: true },
    ];
    return Buffer.from(lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
  },
  read: (octets) => {
    const lines = octets
      .toString()
      .trimEnd()
      .split("\n")
      .map((line): Any => JSON.parse(line));
    return {
      texts: [lines.map(({ message }) => message.content as string).join("")],
      calls: lines
        .flatMap(({ message }) => (message.tool_calls ?? []) as Any[])
        .map((one): unknown => one.function.arguments),
    };
  },
};

/** One JSON value: how it is written, and where a text and a call's arguments stand in it. */
function wholeReply(name: string, protocol: string, write: Any, read: Any): Reply {
  return {
    name: `${name}, whole`,
    protocol,
    mediaType: "application/json",
    write: (tool, content, text) => Buffer.from(JSON.stringify(write(tool, argumentsOf(content), text), undefined, 1)),
    read: (octets) => {
      const [text, call] = read(parse(octets)) as [string, Any];
      return { texts: [text], calls: [typeof call === "string" ? (JSON.parse(call) as unknown) : (call as unknown)] };
    },
  };
}

const wholes: readonly Reply[] = [
  wholeReply(
    "Anthropic Messages",
    "anthropic",
    (name: string, input: unknown, text: string) => ({
      type: "message",
      content: [
        { type: "text", text },
        { type: "tool_use", id: "t", name, input },
      ],
    }),
    ({ content }: Any) => [content[0].text, content[1].input],
  ),
  wholeReply(
    "Chat Completions",
    "openai-chat",
    (name: string, input: unknown, content: string) => ({
      choices: [
        { message: { content, tool_calls: [{ id: "c", function: { name, arguments: JSON.stringify(input) } }] } },
      ],
    }),
    ({ choices: [{ message }] }: Any) => [message.content, message.tool_calls[0].function.arguments],
  ),
  wholeReply(
    "Responses",
    "openai-responses",
    (name: string, input: unknown, text: string) => ({
      output: [
        { type: "message", content: [{ type: "output_text", text }] },
        { type: "function_call", id: "f", call_id: "c", name, arguments: JSON.stringify(input) },
      ],
    }),
    ({ output }: Any) => [output[0].content[0].text, output[1].arguments],
  ),
  wholeReply(
    "Gemini",
    "gemini",
    (name: string, args: unknown, text: string) => ({
      candidates: [{ content: { parts: [{ text }, { functionCall: { name, args } }] } }],
    }),
    ({ candidates: [{ content }] }: Any) => [content.parts[0].text, content.parts[1].functionCall.args],
  ),
  wholeReply(
    "Bedrock Converse",
    "bedrock",
    (name: string, input: unknown, text: string) => ({
      output: { message: { content: [{ text }, { toolUse: { toolUseId: "t", name, input } }] } },
    }),
    ({ output }: Any) => [output.message.content[0].text, output.message.content[1].toolUse.input],
  ),
  wholeReply(
    "Ollama",
    "ollama",
    (name: string, input: unknown, content: string) => ({
      message: { content, tool_calls: [{ function: { name, arguments: input } }] },
      done: true,
    }),
    ({ message }: Any) => [message.content, message.tool_calls[0].function.arguments],
  ),
];

export const replies: readonly Reply[] = [converse, invoke, gemini, ollama, ...wholes];
