// One conversation as each client sends it: the body, and where it goes.

import type { Conversation } from "./generated.ts";

export interface Form {
  readonly name: string;
  readonly target: string;
  readonly write: (conversation: Conversation) => unknown;
  /** A message on a socket. */
  readonly socket?: true;
}

const schema = { type: "object", properties: { path: { type: "string" } } };
const id = (nth: number): string => `call_${nth}`;

const anthropic = ({ system, description, turns }: Conversation): object => ({
  model: "m",
  max_tokens: 9,
  system: [{ type: "text", text: system, cache_control: { type: "ephemeral" } }],
  messages: turns.flatMap(({ person, assistant, tool, input, result }, nth) => [
    { role: "user", content: person },
    {
      role: "assistant",
      content: [
        { type: "text", text: assistant },
        { type: "tool_use", id: id(nth), name: tool, input },
      ],
    },
    {
      role: "user",
      content: [{ type: "tool_result", tool_use_id: id(nth), content: [{ type: "text", text: result }] }],
    },
  ]),
  tools: [{ name: "Read", description, input_schema: schema }],
});

const chat = ({ system, description, turns }: Conversation): object => ({
  model: "m",
  messages: [
    { role: "system", content: system },
    ...turns.flatMap(({ person, assistant, tool, input, result }, nth) => [
      { role: "user", content: [{ type: "text", text: person }] },
      {
        role: "assistant",
        content: assistant,
        tool_calls: [{ id: id(nth), type: "function", function: { name: tool, arguments: JSON.stringify(input) } }],
      },
      { role: "tool", tool_call_id: id(nth), content: result },
    ]),
  ],
  tools: [{ type: "function", function: { name: "Read", description, parameters: schema } }],
});

const responses = ({ system, description, turns }: Conversation): object => ({
  model: "m",
  instructions: system,
  input: turns.flatMap(({ person, assistant, tool, input, result }, nth) => [
    { type: "message", role: "user", content: [{ type: "input_text", text: person }] },
    { type: "message", role: "assistant", content: [{ type: "output_text", text: assistant }] },
    { type: "function_call", call_id: id(nth), name: tool, arguments: JSON.stringify(input) },
    { type: "function_call_output", call_id: id(nth), output: result },
  ]),
  tools: [{ type: "function", name: "Read", description, parameters: schema, strict: false }],
  store: false,
  stream: true,
});

const gemini = ({ system, description, turns }: Conversation): object => ({
  systemInstruction: { parts: [{ text: system }] },
  contents: turns.flatMap(({ person, assistant, tool, input, result }, nth) => [
    { role: "user", parts: [{ text: person }] },
    { role: "model", parts: [{ text: assistant }, { functionCall: { id: id(nth), name: tool, args: input } }] },
    { role: "user", parts: [{ functionResponse: { id: id(nth), name: tool, response: { output: result } } }] },
  ]),
  tools: [{ functionDeclarations: [{ name: "Read", description, parameters: schema }] }],
});

const converse = ({ system, description, turns }: Conversation): object => ({
  system: [{ text: system }],
  messages: turns.flatMap(({ person, assistant, tool, input, result }, nth) => [
    { role: "user", content: [{ text: person }] },
    { role: "assistant", content: [{ text: assistant }, { toolUse: { toolUseId: id(nth), name: tool, input } }] },
    { role: "user", content: [{ toolResult: { toolUseId: id(nth), content: [{ text: result }], status: "success" } }] },
  ]),
  toolConfig: { tools: [{ toolSpec: { name: "Read", description, inputSchema: { json: schema } } }] },
});

const ollama = ({ system, description, turns }: Conversation): object => ({
  model: "m",
  messages: [
    { role: "system", content: system },
    ...turns.flatMap(({ person, assistant, tool, input, result }) => [
      { role: "user", content: person },
      { role: "assistant", content: assistant, tool_calls: [{ function: { name: tool, arguments: input } }] },
      { role: "tool", tool_name: tool, content: result },
    ]),
  ],
  tools: [{ type: "function", function: { name: "Read", description, parameters: schema } }],
});

/** It resends nothing: the first call alone, with everything said around it as its arguments. */
const mcp = (conversation: Conversation): object => ({
  jsonrpc: "2.0",
  id: 1,
  method: "tools/call",
  params: { name: "Read", arguments: { ...conversation } },
});

const claude = "anthropic.claude-sonnet-5-v1:0";

export const forms: readonly Form[] = [
  { name: "Anthropic Messages", target: "/v1/messages?beta=true", write: anthropic },
  { name: "Anthropic, tokens counted", target: "/v1/messages/count_tokens", write: anthropic },
  {
    name: "Anthropic, a batch",
    target: "/v1/messages/batches",
    write: (conversation) => ({ requests: [{ custom_id: "one", params: anthropic(conversation) }] }),
  },
  {
    name: "Claude at Bedrock",
    target: `/model/${claude}/invoke-with-response-stream`,
    write: (conversation) => ({ anthropic_version: "bedrock-2023-05-31", ...anthropic(conversation) }),
  },
  { name: "Bedrock Converse", target: "/model/m/converse-stream", write: converse },
  { name: "Chat Completions", target: "/v1/chat/completions", write: chat },
  { name: "Responses", target: "/v1/responses", write: responses },
  {
    name: "Responses over WebSocket",
    target: "/v1/responses",
    socket: true,
    write: (conversation) => ({ type: "response.create", ...responses(conversation) }),
  },
  { name: "Gemini", target: "/v1beta/models/gemini-3:streamGenerateContent?alt=sse", write: gemini },
  {
    name: "Gemini after a login",
    target: "/v1internal:streamGenerateContent?alt=sse",
    write: (conversation) => ({ model: "m", project: "p", request: gemini(conversation) }),
  },
  { name: "Ollama", target: "/api/chat", write: ollama },
  { name: "Model Context Protocol", target: "/mcp", write: mcp },
];
