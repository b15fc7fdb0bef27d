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

/** The vendor's own, and the one its agent asks where it has a login. */
const paths: readonly string[] = ["/v1/responses", "/backend-api/codex/responses"];

/** What its agent asks before a first turn with a login: where it is to go. */
const accountPath = "/backend-api/wham/accounts/check";

const generate = { kind: "generate", model: undefined, framing: undefined } as const;

export const responses: Dialect = {
  name: "openai-responses",
  route: (method, url) => {
    if (method === "GET" && url.pathname === accountPath) return { ...generate, kind: "account" };
    if (method !== "POST") return undefined;
    if (paths.includes(url.pathname)) return generate;
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
      shape: objectOf(objectOf(objectOf(body["text"])?.["format"])?.["schema"]),
      results: before + outputs.length,
      seed,
      inputTokens,
    };
  },
  whole: completed,
  frames,
  count: (turn) => ({ object: "response.input_tokens", input_tokens: turn.inputTokens }),
  models: openaiModels,
  account,
  fail: openaiError,
  socket: { opens: (url) => paths.includes(url.pathname), asks: "response.create", events },
};

function account(): JsonObject {
  const id = "acc-1";
  const entry = {
    id,
    account_user_id: "user-1__acc-1",
    name: null,
    structure: "personal",
    profile_picture_url: null,
    plan_type: "pro",
    is_deactivated: false,
    is_fedramp_compliant_workspace: false,
    can_access_with_session: true,
    sso_connection_name: null,
    workspace_backend_origin: "https://chatgpt.com",
    account_routing_override: "NO_CONSTRAINT",
  };
  return { accounts: [entry], account_ordering: [id], default_account_id: id };
}

/** `resp_<results>_<digest>` → results; nothing → 0; anything else → undefined. */
function earlierResults(id: unknown): number | undefined {
  if (id === undefined || id === null) return 0;
  const parts = /^resp_([0-9]{1,4})_[0-9a-f]{24}$/.exec(textOf(id) ?? "");
  return parts === null ? undefined : Number(parts[1]);
}

/** Announced beside the conversation, or in it. */
function toolsOf(body: JsonObject): readonly Announced[] {
  const within = objectsOf(body["input"]).filter((item) => item["type"] === "additional_tools");
  return [body, ...within].flatMap((holder) => objectsOf(holder["tools"]).flatMap(announced));
}

function announced(tool: JsonObject): readonly Announced[] {
  const name = textOf(tool["name"]);
  if (name === undefined) return [];
  switch (tool["type"]) {
    case "function":
      return [{ name, schema: objectOf(tool["parameters"]) ?? {} }];
    case "namespace":
      return objectsOf(tool["tools"]).flatMap((one) => (one["type"] === "namespace" ? [] : announced(one)));
    case "custom":
      if (name === "apply_patch") return [{ name, schema: {}, freeform: "patch" }];
      return name === "exec" ? [{ name, schema: {}, freeform: "javascript" }] : [];
    default:
      return [];
  }
}

interface Item {
  readonly done: JsonObject;
  /** The same item before anything was said. */
  readonly added: JsonObject;
  /** What comes in pieces. */
  readonly text: string;
  readonly kind: "message" | "function_call" | "custom_tool_call";
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
    const { name, input } = reply.call;
    const [kind, field] =
      input === undefined ? (["function_call", "arguments"] as const) : (["custom_tool_call", "input"] as const);
    const base = { ...ids, type: kind, name };
    const text = input ?? JSON.stringify(reply.call.arguments);
    const done = { ...base, status: "completed", [field]: text };
    items.push({ kind, text, done, added: { ...base, status: "in_progress", [field]: "" } });
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
    ...eventsWithin(item, at),
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

function eventsWithin(item: Item, at: JsonObject): readonly Event[] {
  if (item.kind === "message") return textEvents(item.text, { ...at, content_index: 0 });
  return item.kind === "function_call" ? argumentEvents(item, at) : inputEvents(item, at);
}

function inputEvents(item: Item, at: JsonObject): readonly Event[] {
  return [
    ...deltas(item.text).map((delta) => ({ type: "response.custom_tool_call_input.delta", ...at, delta })),
    { type: "response.custom_tool_call_input.done", ...at, input: item.text },
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
