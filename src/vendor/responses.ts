// OpenAI Responses: `/v1/responses`, `/v1/responses/input_tokens`, with the fields of the vendor's own SDK package (openai
// 6.49.0, resources/responses). A reply's identifier carries the number of tool results so far, so a request that sends
// only what is new and `previous_response_id` finds its place in the script without any memory here.

import {
  type Announced,
  created,
  type Dialect,
  deltas,
  identify,
  outputTokens,
  type Reply,
  type Turn,
} from "./dialect.ts";
import { type JsonObject, objectOf, objectsOf, textOf } from "./json.ts";
import { openaiError, openaiModels } from "./openai-error.ts";

const generate = { kind: "generate", model: undefined, framing: undefined } as const;

export const responses: Dialect = {
  name: "openai-responses",
  route: (method, url) => {
    if (method !== "POST") return undefined;
    if (url.pathname === "/v1/responses") return generate;
    return url.pathname === "/v1/responses/input_tokens" ? { ...generate, kind: "count" } : undefined;
  },
  read: (body, base) => {
    const model = textOf(body["model"]);
    if (model === undefined) return "missing required parameter: 'model'";
    const before = earlierResults(body["previous_response_id"]);
    if (before === undefined) return "previous response not found";
    const outputs = objectsOf(body["input"]).filter((item) => (textOf(item["type"]) ?? "").endsWith("_call_output"));
    const { seed, inputTokens } = base;
    return {
      model,
      stream: body["stream"] === true,
      usage: true,
      tools: toolsOf(body),
      results: before + outputs.length,
      seed,
      inputTokens,
    };
  },
  whole: completed,
  frames,
  count: (turn) => ({ object: "response.input_tokens", input_tokens: turn.inputTokens }),
  models: openaiModels,
  fail: openaiError,
  socket: { opens: (url) => url.pathname === "/v1/responses", asks: "response.create", events },
};

/** `resp_<results>_<digest>` → results; nothing → 0; anything else → undefined. */
function earlierResults(id: unknown): number | undefined {
  if (id === undefined || id === null) return 0;
  const parts = /^resp_([0-9]{1,4})_[0-9a-f]{24}$/.exec(textOf(id) ?? "");
  return parts === null ? undefined : Number(parts[1]);
}

function toolsOf(body: JsonObject): readonly Announced[] {
  return objectsOf(body["tools"]).flatMap((tool) => {
    const name = textOf(tool["name"]);
    return name === undefined || tool["type"] !== "function"
      ? []
      : [{ name, schema: objectOf(tool["parameters"]) ?? {} }];
  });
}

interface Item {
  readonly done: JsonObject;
  /** The same item before anything was said. */
  readonly added: JsonObject;
  /** What comes in pieces. */
  readonly text: string;
  readonly kind: "message" | "function_call";
}

function itemsOf(reply: Reply, turn: Turn): readonly Item[] {
  const items: Item[] = [];
  if (reply.text !== undefined) {
    const base = { id: identify("msg_", turn, "message"), type: "message", role: "assistant" };
    const done = { ...base, status: "completed", content: [part(reply.text)] };
    items.push({ kind: "message", text: reply.text, done, added: { ...base, status: "in_progress", content: [] } });
  }
  if (reply.call !== undefined) {
    const ids = { id: identify("fc_", turn, "item"), call_id: identify("call_", turn, "call") };
    const base = { ...ids, type: "function_call", name: reply.call.name };
    const text = JSON.stringify(reply.call.arguments);
    const done = { ...base, status: "completed", arguments: text };
    items.push({ kind: "function_call", text, done, added: { ...base, status: "in_progress", arguments: "" } });
  }
  return items;
}

function frames(reply: Reply, turn: Turn): readonly string[] {
  return events(reply, turn).map((event) => `event: ${String(event["type"])}\ndata: ${JSON.stringify(event)}\n\n`);
}

function events(reply: Reply, turn: Turn): readonly JsonObject[] {
  const opened = response(turn, "in_progress", []);
  const list: readonly Event[] = [
    { type: "response.created", response: opened },
    { type: "response.in_progress", response: opened },
    ...itemsOf(reply, turn).flatMap((item, index) => itemEvents(item, index)),
    { type: "response.completed", response: completed(reply, turn) },
  ];
  return list.map((event, at) => ({ ...event, sequence_number: at }));
}

type Event = JsonObject & { readonly type: string };

function itemEvents(item: Item, index: number): readonly Event[] {
  const at = { item_id: item.done["id"], output_index: index };
  return [
    { type: "response.output_item.added", output_index: index, item: item.added },
    ...(item.kind === "message" ? textEvents(item.text, { ...at, content_index: 0 }) : argumentEvents(item, at)),
    { type: "response.output_item.done", output_index: index, item: item.done },
  ];
}

function textEvents(text: string, at: JsonObject): readonly Event[] {
  return [
    { type: "response.content_part.added", ...at, part: part("") },
    ...deltas(text).map((delta) => ({ type: "response.output_text.delta", ...at, delta, logprobs: [] })),
    { type: "response.output_text.done", ...at, text, logprobs: [] },
    { type: "response.content_part.done", ...at, part: part(text) },
  ];
}

function argumentEvents(item: Item, at: JsonObject): readonly Event[] {
  return [
    ...deltas(item.text).map((delta) => ({ type: "response.function_call_arguments.delta", ...at, delta })),
    { type: "response.function_call_arguments.done", ...at, name: item.done["name"], arguments: item.text },
  ];
}

function part(text: string): JsonObject {
  return { type: "output_text", text, annotations: [], logprobs: [] };
}

function completed(reply: Reply, turn: Turn): JsonObject {
  const spoken = outputTokens(reply);
  const usage = {
    input_tokens: turn.inputTokens,
    input_tokens_details: { cached_tokens: 0 },
    output_tokens: spoken,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: turn.inputTokens + spoken,
  };
  const output = itemsOf(reply, turn).map((item) => item.done);
  return { ...response(turn, "completed", output), usage };
}

function response(turn: Turn, status: string, output: readonly JsonObject[]): JsonObject {
  return {
    id: identify(`resp_${turn.results}_`, turn, "response"),
    object: "response",
    created_at: created,
    status,
    error: null,
    incomplete_details: null,
    instructions: null,
    max_output_tokens: null,
    model: turn.model,
    output,
    parallel_tool_calls: false,
    previous_response_id: null,
    store: false,
    tool_choice: "auto",
    truncation: "disabled",
    usage: null,
    metadata: {},
  };
}
