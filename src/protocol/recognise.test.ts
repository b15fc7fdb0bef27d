// Paths as agents were seen to use them, by vendor, gateway and server of one's own.

import assert from "node:assert/strict";
import { test } from "node:test";
import { recognise } from "./recognise.ts";

const named = (target: string, { method = "POST", rpc = false } = {}): string => {
  const { protocol, operation } = recognise({ method, target, headers: [] }, rpc);
  return `${protocol} ${operation}`;
};

test("each protocol by its paths", () => {
  for (const [target, expected] of [
    ["/v1/messages?beta=true", "anthropic messages"],
    ["/anthropic/v1/messages/count_tokens", "anthropic count-tokens"],
    ["/v1/messages/batches", "anthropic batches"],
    ["/v1/projects/p/locations/l/publishers/anthropic/models/claude@1:streamRawPredict", "anthropic messages"],
    ["/model/us.anthropic.claude-x%3A0/invoke-with-response-stream", "anthropic messages"],
    ["/v1/chat/completions", "openai-chat chat"],
    ["/chat/completions", "openai-chat chat"],
    ["/compatible-mode/v1/chat/completions", "openai-chat chat"],
    ["/v1/responses", "openai-responses responses"],
    ["/backend-api/codex/responses", "openai-responses responses"],
    ["/v1/responses/input_tokens", "openai-responses responses"],
    ["/v1beta/models/gemini-x:streamGenerateContent?alt=sse", "gemini generate"],
    ["/v1internal:streamGenerateContent?alt=sse", "gemini generate"],
    ["/model/meta.llama/converse-stream", "bedrock converse"],
    ["/api/chat", "ollama chat"],
    ["/otlp/v1/metrics", "telemetry otlp"],
    ["/api/event_logging/v2/batch", "unknown unknown"],
    ["/v1/messages/extra", "unknown unknown"],
  ] as const)
    assert.equal(named(target), expected, target);
});

test("MCP by what its messages say of themselves, and nothing but a POST is a conversation", () => {
  assert.equal(named("/mcp", { rpc: true }), "mcp message");
  assert.equal(named("/mcp"), "unknown unknown");
  assert.equal(named("/v1/messages", { method: "GET" }), "unknown unknown");
});
