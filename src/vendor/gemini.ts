// Google Gemini: `/v1beta/models/{model}:generateContent`, `:streamGenerateContent` (events with `alt=sse`, otherwise a JSON
// array sent piece by piece), `:countTokens`, `/v1beta/models`, with the fields of the vendor's own SDK package
// (@google/genai 2.32.0). A function call is never split: the vendor sends it whole.

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

const path =
  /^\/v1(?:beta|alpha)?\/models\/([A-Za-z0-9._-]{1,100}):(generateContent|streamGenerateContent|countTokens)$/;

export const gemini: Dialect = {
  name: "gemini",
  route: (method, url) => {
    if (method === "GET" && url.pathname === "/v1beta/models")
      return { kind: "models", model: undefined, framing: undefined };
    const parts = method === "POST" ? path.exec(url.pathname) : null;
    if (parts === null) return undefined;
    const [, model, verb] = parts;
    if (verb === "countTokens") return { kind: "count", model, framing: "whole" };
    if (verb === "generateContent") return { kind: "generate", model, framing: "whole" };
    return { kind: "generate", model, framing: url.searchParams.get("alt") === "sse" ? "sse" : "array" };
  },
  read: (body, base) => {
    if (!Array.isArray(body["contents"])) return "contents is not specified";
    const parts = objectsOf(body["contents"]).flatMap((content) => objectsOf(content["parts"]));
    const results = parts.filter((part) => objectOf(part["functionResponse"]) !== undefined).length;
    const { seed, inputTokens, route } = base;
    const asked = objectOf(body["generationConfig"]);
    return {
      model: route.model ?? "",
      stream: route.framing !== "whole",
      usage: true,
      tools: toolsOf(body),
      shape: objectOf(asked?.["responseJsonSchema"]) ?? objectOf(asked?.["responseSchema"]),
      results,
      seed,
      inputTokens,
    };
  },
  whole: (reply, turn) => chunk(partsOf(reply), turn, outputTokens(reply), "STOP"),
  frames: (reply, turn, framing) => {
    const chunks = chunksOf(reply, turn).map((one) => JSON.stringify(one));
    return framing === "array" ? arrayFrames(chunks) : chunks.map((one) => `data: ${one}\r\n\r\n`);
  },
  count: (turn) => ({ totalTokens: turn.inputTokens }),
  models: (names) => ({
    models: names.map((name) => ({
      name: `models/${name}`,
      displayName: name,
      supportedGenerationMethods: ["generateContent", "countTokens"],
    })),
  }),
  fail: (wrong, message) => ({ error: { code: statuses[wrong].code, message, status: statuses[wrong].status } }),
};

/** The streamed array: brackets and commas are sent with the chunk they precede or end. */
function arrayFrames(chunks: readonly string[]): readonly string[] {
  return chunks.map((one, at) => `${at === 0 ? "[" : ",\r\n"}${one}${at === chunks.length - 1 ? "]" : ""}\n`);
}

const statuses: Readonly<Record<Wrong, { readonly code: number; readonly status: string }>> = {
  key: { code: 401, status: "UNAUTHENTICATED" },
  request: { code: 400, status: "INVALID_ARGUMENT" },
  missing: { code: 404, status: "NOT_FOUND" },
  busy: { code: 503, status: "UNAVAILABLE" },
};

/** The SDK sends `parameters` (an OpenAPI subset, types in capitals) or `parametersJsonSchema`. */
function toolsOf(body: JsonObject): readonly Announced[] {
  const declared = objectsOf(body["tools"]).flatMap((tool) => objectsOf(tool["functionDeclarations"]));
  return declared.flatMap((one) => {
    const name = textOf(one["name"]);
    const schema = objectOf(one["parametersJsonSchema"]) ?? objectOf(one["parameters"]) ?? {};
    return name === undefined ? [] : [{ name, schema }];
  });
}

function partsOf(reply: Reply): readonly JsonObject[] {
  const text = reply.text === undefined ? [] : [{ text: reply.text }];
  return [...text, ...callParts(reply)];
}

function callParts(reply: Reply): readonly JsonObject[] {
  return reply.call === undefined ? [] : [{ functionCall: { name: reply.call.name, args: reply.call.arguments } }];
}

function chunksOf(reply: Reply, turn: Turn): readonly JsonObject[] {
  const pieces: readonly JsonObject[] = [...deltas(reply.text ?? "").map((text) => ({ text })), ...callParts(reply)];
  const all = pieces.map((part) => chunk([part], turn, 0, undefined));
  return [...all, chunk([{ text: "" }], turn, outputTokens(reply), "STOP")];
}

function chunk(parts: readonly JsonObject[], turn: Turn, spoken: number, finish: string | undefined): JsonObject {
  const ending = finish === undefined ? {} : { finishReason: finish };
  return {
    candidates: [{ content: { parts, role: "model" }, ...ending, index: 0 }],
    usageMetadata: {
      promptTokenCount: turn.inputTokens,
      candidatesTokenCount: spoken,
      totalTokenCount: turn.inputTokens + spoken,
    },
    modelVersion: turn.model,
    responseId: identify("", turn, "message"),
  };
}
