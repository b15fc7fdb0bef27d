// A conversation → requests and replies of each protocol, as clients and vendors write them: nothing of the readers under test is used.

import { gzipSync } from "node:zlib";

export type Block =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "thought"; readonly text: string }
  | { readonly kind: "call"; readonly id: string; readonly name: string; readonly args: object };

export type Entry =
  | { readonly who: "person"; readonly text: string }
  | { readonly who: "model"; readonly blocks: readonly Block[] }
  | { readonly who: "results"; readonly results: readonly { readonly id: string; readonly name: string }[] };

export interface Sent {
  readonly mediaType: string;
  readonly coding: string;
  readonly octets: Buffer;
  /** Of a WebSocket. */
  readonly messages?: readonly Buffer[];
  /** Of a stream: without what says that it is over. */
  readonly unended?: Sent;
}

export interface Wire {
  readonly name: string;
  readonly form: "request" | "socket";
  readonly target: string;
  readonly request: (entries: readonly Entry[], previous?: string) => object;
  /** Its ways of framing. */
  readonly replies: readonly ((blocks: readonly Block[], id: string) => Sent)[];
  /** It has no identifiers of calls. */
  readonly nameless?: true;
  /** A message's text stands before its calls. */
  readonly textFirst?: true;
  /** It tells only what is new. */
  readonly behind?: true;
}

interface Said {
  readonly person: (text: string) => readonly object[];
  readonly model: (blocks: readonly Block[]) => readonly object[];
  readonly results: (results: Extract<Entry, { who: "results" }>["results"]) => readonly object[];
}

/** Each as its protocol says it. */
export const told = (entries: readonly Entry[], { person, model, results }: Said): readonly object[] =>
  entries.flatMap((entry) =>
    entry.who === "person" ? person(entry.text) : entry.who === "model" ? model(entry.blocks) : results(entry.results),
  );

/** A message each, and for each result one. */
const messageEach = (
  entries: readonly Entry[],
  message: (blocks: readonly Block[]) => object,
  result: (one: { readonly id: string; readonly name: string }) => object,
): readonly object[] =>
  told(entries, {
    person: (text) => [{ role: "user", content: text }],
    model: (blocks) => [message(blocks)],
    results: (results) => results.map(result),
  });

export const json = (value: unknown): string => JSON.stringify(value);
export const sent = (mediaType: string, text: string): Sent => ({ mediaType, coding: "", octets: Buffer.from(text) });
function sse(events: readonly object[], end = ""): Sent {
  const write = (all: readonly object[]): string => all.map((event) => `data: ${json(event)}\n\n`).join("");
  const as = "text/event-stream; charset=utf-8";
  return { ...sent(as, write(events) + end), unended: sent(as, write(events.slice(0, -1))) };
}
export const pieces = (text: string): readonly string[] => text.match(/[\s\S]{1,7}/gu) ?? [];
const packed = (reply: Sent): Sent => ({ ...reply, coding: "gzip", octets: gzipSync(reply.octets) });

const anthropicBlock = (block: Block): object =>
  block.kind === "text"
    ? { type: "text", text: block.text }
    : block.kind === "thought"
      ? { type: "thinking", thinking: block.text, signature: "c2ln" }
      : { type: "tool_use", id: block.id, name: block.name, input: block.args };

export function anthropicEvents(blocks: readonly Block[]): readonly object[] {
  return [
    { type: "message_start", message: { role: "assistant", content: [] } },
    ...blocks.flatMap((block, index) => {
      const empty = {
        ...anthropicBlock(block),
        ...(block.kind === "text" ? { text: "" } : block.kind === "thought" ? { thinking: "" } : { input: {} }),
      };
      const deltas =
        block.kind === "text"
          ? pieces(block.text).map((text) => ({ type: "text_delta", text }))
          : block.kind === "thought"
            ? pieces(block.text).map((thinking) => ({ type: "thinking_delta", thinking }))
            : pieces(json(block.args)).map((partial_json) => ({ type: "input_json_delta", partial_json }));
      return [
        { type: "content_block_start", index, content_block: empty },
        ...deltas.map((delta) => ({ type: "content_block_delta", index, delta })),
        { type: "content_block_stop", index },
      ];
    }),
    { type: "message_delta", delta: { stop_reason: "end_turn" } },
    { type: "message_stop" },
  ];
}

const anthropicWhole = (blocks: readonly Block[]): Sent =>
  sent("application/json", json({ type: "message", role: "assistant", content: blocks.map(anthropicBlock) }));

const anthropicMessages = (entries: readonly Entry[]): readonly object[] =>
  told(entries, {
    person: (text) => [{ role: "user", content: [{ type: "text", text }] }],
    model: (blocks) => [{ role: "assistant", content: blocks.map(anthropicBlock) }],
    results: (results) => [
      { role: "user", content: results.map(({ id }) => ({ type: "tool_result", tool_use_id: id, content: "ok" })) },
    ],
  });

export const anthropic: Wire = {
  name: "Anthropic Messages",
  form: "request",
  target: "/v1/messages?beta=true",
  request: (entries) => ({ model: "m", max_tokens: 9, messages: anthropicMessages(entries) }),
  replies: [
    (blocks) => sse(anthropicEvents(blocks)),
    anthropicWhole,
    (blocks) => packed(sse(anthropicEvents(blocks))),
    (blocks) => packed(anthropicWhole(blocks)),
  ],
};

const textOf = (blocks: readonly Block[], kind: "text" | "thought"): string =>
  blocks.flatMap((block) => (block.kind === kind ? [block.text] : [])).join("");
const callsOf = (blocks: readonly Block[]) => blocks.flatMap((block) => (block.kind === "call" ? [block] : []));
const chatCall = ({ id, name, args }: { id: string; name: string; args: object }) => ({
  id,
  type: "function",
  function: { name, arguments: json(args) },
});
const chatMessage = (blocks: readonly Block[]): object => ({
  role: "assistant",
  content: textOf(blocks, "text") === "" ? null : textOf(blocks, "text"),
  ...(callsOf(blocks).length === 0 ? {} : { tool_calls: callsOf(blocks).map(chatCall) }),
});

function chatEvents(blocks: readonly Block[]): readonly object[] {
  const deltas: object[] = [{ role: "assistant", content: "" }];
  for (const reasoning_content of pieces(textOf(blocks, "thought"))) deltas.push({ reasoning_content });
  for (const content of pieces(textOf(blocks, "text"))) deltas.push({ content });
  for (const [index, call] of callsOf(blocks).entries()) {
    const { id, type, function: made } = chatCall(call);
    deltas.push({ tool_calls: [{ index, id, type, function: { name: made.name, arguments: "" } }] });
    for (const part of pieces(made.arguments)) deltas.push({ tool_calls: [{ index, function: { arguments: part } }] });
  }
  return [
    ...deltas.map((delta) => ({ choices: [{ index: 0, delta, finish_reason: null }] })),
    { choices: [{ index: 0, delta: {}, finish_reason: "stop" }] },
  ];
}

export const chat: Wire = {
  name: "OpenAI Chat Completions",
  form: "request",
  target: "/v1/chat/completions",
  textFirst: true,
  request: (entries) => ({
    model: "m",
    messages: messageEach(entries, chatMessage, ({ id }) => ({ role: "tool", tool_call_id: id, content: "ok" })),
  }),
  replies: [
    (blocks) => sse(chatEvents(blocks), "data: [DONE]\n\n"),
    (blocks) => sent("application/json", json({ choices: [{ index: 0, message: chatMessage(blocks) }] })),
  ],
};

function item(block: Block, nth: number): Record<string, unknown> {
  const id = `it_${nth}`;
  if (block.kind === "thought")
    return { id, type: "reasoning", summary: [{ type: "summary_text", text: block.text }], encrypted_content: "eA==" };
  if (block.kind === "text")
    return {
      id,
      type: "message",
      role: "assistant",
      content: [{ type: "output_text", text: block.text, annotations: [] }],
    };
  return { id, type: "function_call", call_id: block.id, name: block.name, arguments: json(block.args) };
}

function responsesEvents(blocks: readonly Block[], id: string): readonly object[] {
  const events = blocks.flatMap((block, output_index): readonly object[] => {
    const done = item(block, output_index);
    const at = { item_id: done["id"], output_index };
    const deltas =
      block.kind === "text"
        ? pieces(block.text).map((delta) => ({ type: "response.output_text.delta", ...at, content_index: 0, delta }))
        : block.kind === "call"
          ? pieces(json(block.args)).map((delta) => ({ type: "response.function_call_arguments.delta", ...at, delta }))
          : [];
    return [
      { type: "response.output_item.added", output_index, item: { ...done, content: [], arguments: "" } },
      ...deltas,
      { type: "response.output_item.done", output_index, item: done },
    ];
  });
  const output = blocks.map(item);
  return [
    { type: "response.created", response: { id, output: [] } },
    ...events,
    { type: "response.completed", response: { id, output } },
  ];
}

const responsesInput = (entries: readonly Entry[]): readonly object[] =>
  told(entries, {
    person: (text) => [{ type: "message", role: "user", content: [{ type: "input_text", text }] }],
    model: (blocks) => blocks.map((block, nth) => ({ ...item(block, nth), id: undefined })),
    results: (results) => results.map(({ id }) => ({ type: "function_call_output", call_id: id, output: "ok" })),
  });

export const responses: Wire = {
  name: "OpenAI Responses",
  form: "request",
  target: "/v1/responses",
  request: (entries) => ({ model: "m", store: false, input: responsesInput(entries) }),
  replies: [
    (blocks, id) => sse(responsesEvents(blocks, id)),
    (blocks, id) => sent("application/json", json({ id, object: "response", output: blocks.map(item) })),
  ],
};

export const socket: Wire = {
  name: "OpenAI Responses over WebSocket",
  form: "socket",
  target: "/v1/responses",
  behind: true,
  request: (entries, previous) => ({
    type: "response.create",
    model: "m",
    input: responsesInput(entries),
    ...(previous === undefined ? {} : { previous_response_id: previous }),
  }),
  replies: [
    (blocks, id) => {
      const messages = responsesEvents(blocks, id).map((event) => Buffer.from(json(event)));
      const plain = { mediaType: "", coding: "", octets: Buffer.concat(messages) };
      return { ...plain, messages, unended: { ...plain, messages: messages.slice(0, -1) } };
    },
  ],
};

const part = (block: Block): object =>
  block.kind === "call"
    ? { functionCall: { name: block.name, args: block.args } }
    : { text: block.text, ...(block.kind === "thought" ? { thought: true } : {}) };
const content = (blocks: readonly Block[]) => ({ role: "model", parts: blocks.map(part) });

function geminiMessages(blocks: readonly Block[]): readonly object[] {
  const parts = blocks.flatMap((block): readonly Block[] =>
    block.kind === "call" ? [block] : pieces(block.text).map((text) => ({ ...block, text })),
  );
  return [
    ...parts.map((one) => ({ candidates: [{ index: 0, content: content([one]) }] })),
    { candidates: [{ index: 0, content: content([]), finishReason: "STOP" }] },
  ];
}

export const gemini: Wire = {
  name: "Gemini",
  form: "request",
  target: "/v1beta/models/m:streamGenerateContent?alt=sse",
  nameless: true,
  request: (entries) => ({
    contents: told(entries, {
      person: (text) => [{ role: "user", parts: [{ text }] }],
      model: (blocks) => [content(blocks)],
      results: (results) => [
        {
          role: "user",
          parts: results.map(({ name }) => ({ functionResponse: { name, response: { output: "ok" } } })),
        },
      ],
    }),
  }),
  replies: [
    (blocks) => sse(geminiMessages(blocks)),
    (blocks) => sent("application/json", json(geminiMessages(blocks))),
    (blocks) => sent("application/json", json({ candidates: [{ content: content(blocks), finishReason: "STOP" }] })),
  ],
};

const ollamaMessage = (blocks: readonly Block[]) => ({
  role: "assistant",
  content: textOf(blocks, "text"),
  ...(callsOf(blocks).length === 0
    ? {}
    : { tool_calls: callsOf(blocks).map(({ name, args }) => ({ function: { name, arguments: args } })) }),
});

export const ollama: Wire = {
  name: "Ollama",
  form: "request",
  target: "/api/chat",
  nameless: true,
  textFirst: true,
  request: (entries) => ({
    model: "m",
    messages: messageEach(entries, ollamaMessage, ({ name }) => ({ role: "tool", tool_name: name, content: "ok" })),
  }),
  replies: [
    (blocks) => {
      const texts = pieces(textOf(blocks, "text")).map((text) => ({
        message: { role: "assistant", content: text },
        done: false,
      }));
      const calls = callsOf(blocks).map((call) => ({
        message: { ...ollamaMessage([call]), content: "" },
        done: false,
      }));
      const lines = [...texts, ...calls, { message: { role: "assistant", content: "" }, done: true }];
      const write = (all: readonly object[]): string => all.map((line) => `${json(line)}\n`).join("");
      const as = "application/x-ndjson";
      return { ...sent(as, write(lines)), unended: sent(as, write(lines.slice(0, -1))) };
    },
    (blocks) => sent("application/json", json({ message: ollamaMessage(blocks), done: true })),
  ],
};
