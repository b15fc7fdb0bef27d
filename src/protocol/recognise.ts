// Which protocol a request speaks, by its method, path and media type: the same clients speak to their vendor's hosts, to gateways
// and to servers of one's own, so the host decides nothing. Who speaks none that is known is looked at all the same.

import type { RequestHead } from "../domain/exchange.ts";
import { converseRequest } from "./amazon/converse.ts";
import { batchRequest, messagesRequest } from "./anthropic/request.ts";
import { generateRequest as gemini, internalRequest } from "./google/request.ts";
import { clientMessage } from "./mcp/message.ts";
import { embedRequest, generateRequest as ollama, chatRequest as ollamaChat } from "./ollama/request.ts";
import { chatRequest } from "./openai/chat.ts";
import { responsesMessage, responsesRequest } from "./openai/responses.ts";
import { free } from "./shape/shapes.ts";
import type { Shape } from "./shape/walk.ts";

export interface Recognised {
  /** `unknown` where nobody has described it. */
  readonly protocol: string;
  readonly operation: string;
  readonly shape: Shape;
}

interface Rule extends Recognised {
  /** Of the path without the query, percent signs as they are. */
  readonly path: RegExp;
}

const rules: readonly Rule[] = [
  of("anthropic", "messages", /\/v1\/messages$/, messagesRequest),
  of("anthropic", "count-tokens", /\/v1\/messages\/count_tokens$/, messagesRequest),
  of("anthropic", "batches", /\/v1\/messages\/batches$/, batchRequest),
  // Claude at Vertex, and at Bedrock
  of("anthropic", "messages", /\/publishers\/anthropic\/models\/[^/]+:(?:streamR|r)awPredict$/, messagesRequest),
  of("anthropic", "messages", /^\/model\/[^/]*anthropic[^/]*\/invoke(?:-with-response-stream)?$/, messagesRequest),
  of("openai-chat", "chat", /\/chat\/completions$/, chatRequest),
  of("openai-responses", "responses", /\/responses(?:\/compact|\/input_tokens)?$/, responsesRequest),
  of("gemini", "generate", /\/v1internal:(?:generateContent|streamGenerateContent|countTokens)$/, internalRequest),
  of("gemini", "generate", /\/models\/[^/]+:(?:generateContent|streamGenerateContent|countTokens)$/, gemini),
  of("bedrock", "converse", /^\/model\/[^/]+\/converse(?:-stream)?$/, converseRequest),
  of("ollama", "chat", /^\/api\/chat$/, ollamaChat),
  of("ollama", "generate", /^\/api\/generate$/, ollama),
  of("ollama", "embed", /^\/api\/(?:embed|embeddings)$/, embedRequest),
  // OTLP/HTTP, and what vendors make of it: nobody's conversation, and whatever an agent chose to tell
  of("telemetry", "otlp", /\/v1\/(?:traces|metrics|logs)$/, free),
];

const unknown: Recognised = { protocol: "unknown", operation: "unknown", shape: free };
const mcp: Recognised = { protocol: "mcp", operation: "message", shape: clientMessage };

/** `isJsonRpc`: of a body that has been read, whether it says that it is version 2.0. */
export function recognise({ method, target }: RequestHead, isJsonRpc: boolean): Recognised {
  if (method !== "POST") return unknown;
  const path = target.split("?", 1)[0] ?? "";
  return rules.find((rule) => rule.path.test(path)) ?? (isJsonRpc ? mcp : unknown);
}

/** A message of a WebSocket, by the head of its opening. */
export function recogniseMessage({ target }: RequestHead): Recognised {
  const path = target.split("?", 1)[0] ?? "";
  return messages.find((rule) => rule.path.test(path)) ?? unknown;
}

const messages: readonly Rule[] = [of("openai-responses", "message", /\/responses$/, responsesMessage)];

function of(protocol: string, operation: string, path: RegExp, shape: Shape): Rule {
  return { protocol, operation, path, shape };
}
