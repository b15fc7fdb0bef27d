// Anthropic Messages: `/v1/messages`, `/v1/messages/count_tokens`, `/v1/models`, with the fields of the vendor's own SDK
// package (@anthropic-ai/sdk 1.10.0, resources/messages).

import {
  type Announced,
  type Dialect,
  deltas,
  identify,
  outputTokens,
  type Reply,
  type Turn,
  type Wrong,
} from "./dialect.ts";
import { type JsonObject, objectOf, objectsOf, textOf } from "./json.ts";

const generate = { kind: "generate", model: undefined, framing: undefined } as const;

export const anthropic: Dialect = {
  name: "anthropic",
  route: (method, url, headers) => {
    if (method === "POST" && url.pathname === "/v1/messages") return generate;
    if (method === "POST" && url.pathname === "/v1/messages/count_tokens") return { ...generate, kind: "count" };
    const ours = headers.has("anthropic-version") || headers.has("x-api-key");
    return method === "GET" && url.pathname === "/v1/models" && ours ? { ...generate, kind: "models" } : undefined;
  },
  greeting: { paths: ["/api/hello", "/v1/oauth/hello"], body: { message: "hello" } },
  read: (body, base) => {
    const model = textOf(body["model"]);
    if (model === undefined) return "model: field required";
    if (!Array.isArray(body["messages"])) return "messages: field required";
    const blocks = objectsOf(body["messages"]).flatMap((message) => objectsOf(message["content"]));
    const results = blocks.filter((block) => block["type"] === "tool_result").length;
    const { seed, inputTokens } = base;
    const shape = objectOf(objectOf(objectOf(body["output_config"])?.["format"])?.["schema"]);
    const stream = body["stream"] === true;
    return { model, stream, usage: true, tools: toolsOf(body), shape, results, seed, inputTokens };
  },
  whole: (reply, turn) => ({
    ...message(turn),
    content: blocksOf(reply, turn),
    stop_reason: stopReason(reply),
    usage: { ...usage(turn), output_tokens: outputTokens(reply) },
  }),
  frames,
  count: (turn) => ({ input_tokens: turn.inputTokens }),
  models: (names) => ({
    data: names.map((id) => ({ type: "model", id, display_name: id, created_at: "2026-01-01T00:00:00Z" })),
    has_more: false,
    first_id: names[0] ?? null,
    last_id: names.at(-1) ?? null,
  }),
  fail: (wrong, message) => ({ type: "error", error: { type: errorTypes[wrong], message }, request_id: null }),
};

const errorTypes: Readonly<Record<Wrong, string>> = {
  key: "authentication_error",
  request: "invalid_request_error",
  missing: "not_found_error",
  busy: "overloaded_error",
};

function toolsOf(body: JsonObject): readonly Announced[] {
  return objectsOf(body["tools"]).flatMap((tool) => {
    const name = textOf(tool["name"]);
    const schema = objectOf(tool["input_schema"]);
    return name === undefined || schema === undefined ? [] : [{ name, schema }];
  });
}

function frames(reply: Reply, turn: Turn): readonly string[] {
  const start = { ...message(turn), usage: { ...usage(turn), output_tokens: 1 } };
  const blocks = blocksOf(reply, turn).flatMap((block, index) => blockEvents(block, index));
  return [
    event("message_start", { message: start }),
    ...blocks,
    event("message_delta", {
      delta: { stop_reason: stopReason(reply), stop_sequence: null },
      usage: { output_tokens: outputTokens(reply) },
    }),
    event("message_stop", {}),
  ];
}

function blockEvents(block: Block, index: number): readonly string[] {
  const empty = block.type === "text" ? { ...block, text: "" } : { ...block, input: {} };
  const pieces =
    block.type === "text"
      ? deltas(block.text).map((text) => ({ type: "text_delta", text }))
      : deltas(JSON.stringify(block.input)).map((part) => ({ type: "input_json_delta", partial_json: part }));
  const opening = event("content_block_start", { index, content_block: empty });
  return [
    index === 0 ? opening + event("ping", {}) : opening,
    ...pieces.map((delta) => event("content_block_delta", { index, delta })),
    event("content_block_stop", { index }),
  ];
}

type Block =
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "tool_use"; readonly id: string; readonly name: string; readonly input: JsonObject };

function blocksOf(reply: Reply, turn: Turn): readonly Block[] {
  const blocks: Block[] = [];
  if (reply.text !== undefined) blocks.push({ type: "text", text: reply.text });
  if (reply.call !== undefined) {
    const { name, arguments: input } = reply.call;
    blocks.push({ type: "tool_use", id: identify("toolu_01", turn, "call"), name, input });
  }
  return blocks;
}

function message(turn: Turn): JsonObject {
  const id = identify("msg_01", turn, "message");
  return {
    id,
    type: "message",
    role: "assistant",
    model: turn.model,
    content: [],
    stop_reason: null,
    stop_sequence: null,
  };
}

function usage(turn: Turn): JsonObject {
  return {
    input_tokens: turn.inputTokens,
    cache_creation_input_tokens: 0,
    cache_read_input_tokens: 0,
    service_tier: "standard",
  };
}

function stopReason(reply: Reply): string {
  return reply.call === undefined ? "end_turn" : "tool_use";
}

function event(type: string, fields: JsonObject): string {
  return `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`;
}
