// OpenAI Chat Completions: `/v1/chat/completions`, `/v1/models`, with the fields of the vendor's own SDK package (openai
// 6.49.0, resources/chat/completions).

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

/** The vendor's own, and Alibaba Cloud's. */
const paths: readonly string[] = ["/v1/chat/completions", "/compatible-mode/v1/chat/completions"];

export const chat: Dialect = {
  name: "openai-chat",
  route: (method, url) => {
    if (method === "POST" && paths.includes(url.pathname)) return generate;
    return method === "GET" && url.pathname === "/v1/models" ? { ...generate, kind: "models" } : undefined;
  },
  read: (body, base) => {
    const model = textOf(body["model"]);
    if (model === undefined) return "you must provide a model parameter";
    if (!Array.isArray(body["messages"])) return "missing required parameter: 'messages'";
    const results = objectsOf(body["messages"]).filter((message) => message["role"] === "tool").length;
    const { seed, inputTokens } = base;
    const usage = objectOf(body["stream_options"])?.["include_usage"] === true;
    const shape = objectOf(objectOf(objectOf(body["response_format"])?.["json_schema"])?.["schema"]);
    return { model, stream: body["stream"] === true, usage, tools: toolsOf(body), shape, results, seed, inputTokens };
  },
  whole: (reply, turn) => ({
    ...head(turn, "chat.completion"),
    choices: [{ index: 0, message: message(reply, turn), logprobs: null, finish_reason: finishReason(reply) }],
    usage: usage(reply, turn),
  }),
  frames,
  count: (turn) => ({ input_tokens: turn.inputTokens }),
  models: openaiModels,
  fail: openaiError,
};

function toolsOf(body: JsonObject): readonly Announced[] {
  return objectsOf(body["tools"]).flatMap((tool) => {
    const described = objectOf(tool["function"]);
    const name = textOf(described?.["name"]);
    return name === undefined ? [] : [{ name, schema: objectOf(described?.["parameters"]) ?? {} }];
  });
}

function message(reply: Reply, turn: Turn): JsonObject {
  const calls =
    reply.call === undefined ? {} : { tool_calls: [call(reply.call, turn, JSON.stringify(reply.call.arguments))] };
  return { role: "assistant", content: reply.text ?? null, ...calls, refusal: null, annotations: [] };
}

function call(made: NonNullable<Reply["call"]>, turn: Turn, text: string): JsonObject {
  return { id: identify("call_", turn, "call"), type: "function", function: { name: made.name, arguments: text } };
}

function frames(reply: Reply, turn: Turn): readonly string[] {
  const parts: JsonObject[] = [{ role: "assistant", content: reply.text === undefined ? null : "", refusal: null }];
  for (const content of deltas(reply.text ?? "")) parts.push({ content });
  if (reply.call !== undefined) {
    parts.push({ tool_calls: [{ index: 0, ...call(reply.call, turn, "") }] });
    for (const piece of deltas(JSON.stringify(reply.call.arguments))) {
      parts.push({ tool_calls: [{ index: 0, function: { arguments: piece } }] });
    }
  }
  const chunk = (choices: readonly JsonObject[], spent: JsonObject | null) => {
    const spending = turn.usage ? { usage: spent } : {};
    return `data: ${JSON.stringify({ ...head(turn, "chat.completion.chunk"), choices, ...spending })}

`;
  };
  return [
    ...parts.map((delta) => chunk([{ index: 0, delta, logprobs: null, finish_reason: null }], null)),
    chunk([{ index: 0, delta: {}, logprobs: null, finish_reason: finishReason(reply) }], null),
    ...(turn.usage ? [chunk([], usage(reply, turn))] : []),
    "data: [DONE]\n\n",
  ];
}

function head(turn: Turn, object: string): JsonObject {
  const id = identify("chatcmpl-", turn, "message");
  return { id, object, created, model: turn.model, service_tier: "default", system_fingerprint: null };
}

function usage(reply: Reply, turn: Turn): JsonObject {
  const spoken = outputTokens(reply);
  return {
    prompt_tokens: turn.inputTokens,
    completion_tokens: spoken,
    total_tokens: turn.inputTokens + spoken,
    prompt_tokens_details: { cached_tokens: 0, audio_tokens: 0 },
    completion_tokens_details: {
      reasoning_tokens: 0,
      audio_tokens: 0,
      accepted_prediction_tokens: 0,
      rejected_prediction_tokens: 0,
    },
  };
}

function finishReason(reply: Reply): string {
  return reply.call === undefined ? "stop" : "tool_calls";
}
