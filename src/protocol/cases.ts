// For tests: the same conversation in every protocol — a system text, a person's words, a call, what came of it, a described tool —
// and what a reader must make of it. One table, so that no protocol is held to less than another.

import { converseRequest } from "./amazon/converse.ts";
import { messagesRequest } from "./anthropic/request.ts";
import { generateRequest as gemini, internalRequest } from "./google/request.ts";
import { clientMessage } from "./mcp/message.ts";
import { chatRequest as ollama } from "./ollama/request.ts";
import { chatRequest } from "./openai/chat.ts";
import { responsesMessage, responsesRequest } from "./openai/responses.ts";
import type { Shape } from "./shape/walk.ts";

export interface Case {
  readonly name: string;
  readonly shape: Shape;
  readonly body: Readonly<Record<string, unknown>>;
  /** The conversation is not in it: one message of a protocol that resends nothing. */
  readonly single?: true;
  /** The arguments are a string that holds JSON. */
  readonly argumentsText?: true;
  /** It has no identifiers for calls. */
  readonly nameless?: true;
}

/** As they stand in every body; none is part of another. */
export const said = {
  system: "be a careful gardener",
  person: "please water the roses",
  assistant: "first I look at them",
  key: "bed_number",
  argument: "bed seven",
  result: "they are dry, all of them",
  description: "looks at a bed of flowers",
} as const;

const schema = { type: "object", properties: { [said.key]: { type: "string" } } };
const input = { [said.key]: said.argument };
const [name, id] = ["look", "call_1"];

const google = {
  systemInstruction: { parts: [{ text: said.system }] },
  contents: [
    { role: "user", parts: [{ text: said.person }] },
    { role: "model", parts: [{ text: said.assistant }, { functionCall: { id, name, args: input } }] },
    { role: "user", parts: [{ functionResponse: { id, name, response: { output: said.result } } }] },
  ],
  tools: [{ functionDeclarations: [{ name, description: said.description, parameters: schema }] }],
};

const responses = {
  model: "m",
  instructions: said.system,
  input: [
    { type: "message", role: "user", content: [{ type: "input_text", text: said.person }] },
    { type: "message", role: "assistant", content: [{ type: "output_text", text: said.assistant }] },
    { type: "function_call", call_id: id, name, arguments: JSON.stringify(input) },
    { type: "function_call_output", call_id: id, output: said.result },
  ],
  tools: [{ type: "function", name, description: said.description, parameters: schema, strict: false }],
  store: false,
  stream: true,
};

export const cases: readonly Case[] = [
  {
    name: "Anthropic Messages",
    shape: messagesRequest,
    body: {
      model: "m",
      max_tokens: 9,
      system: said.system,
      messages: [
        { role: "user", content: said.person },
        {
          role: "assistant",
          content: [
            { type: "text", text: said.assistant },
            { type: "tool_use", id, name, input },
          ],
        },
        { role: "user", content: [{ type: "tool_result", tool_use_id: id, content: said.result }] },
      ],
      tools: [{ name, description: said.description, input_schema: schema }],
    },
  },
  {
    name: "OpenAI Chat Completions",
    shape: chatRequest,
    argumentsText: true,
    body: {
      model: "m",
      messages: [
        { role: "system", content: said.system },
        { role: "user", content: [{ type: "text", text: said.person }] },
        {
          role: "assistant",
          content: said.assistant,
          tool_calls: [{ id, type: "function", function: { name, arguments: JSON.stringify(input) } }],
        },
        { role: "tool", tool_call_id: id, content: said.result },
      ],
      tools: [{ type: "function", function: { name, description: said.description, parameters: schema } }],
    },
  },
  { name: "OpenAI Responses", shape: responsesRequest, argumentsText: true, body: responses },
  {
    name: "OpenAI Responses over WebSocket",
    shape: responsesMessage,
    argumentsText: true,
    body: { type: "response.create", ...responses },
  },
  { name: "Gemini", shape: gemini, body: google },
  { name: "Gemini after a login", shape: internalRequest, body: { model: "m", project: "p", request: google } },
  {
    name: "Bedrock Converse",
    shape: converseRequest,
    body: {
      system: [{ text: said.system }],
      messages: [
        { role: "user", content: [{ text: said.person }] },
        { role: "assistant", content: [{ text: said.assistant }, { toolUse: { toolUseId: id, name, input } }] },
        {
          role: "user",
          content: [{ toolResult: { toolUseId: id, content: [{ text: said.result }], status: "success" } }],
        },
      ],
      toolConfig: { tools: [{ toolSpec: { name, description: said.description, inputSchema: { json: schema } } }] },
    },
  },
  {
    name: "Ollama",
    shape: ollama,
    nameless: true,
    body: {
      model: "m",
      messages: [
        { role: "system", content: said.system },
        { role: "user", content: said.person },
        { role: "assistant", content: said.assistant, tool_calls: [{ function: { name, arguments: input } }] },
        { role: "tool", tool_name: name, content: said.result },
      ],
      tools: [{ type: "function", function: { name, description: said.description, parameters: schema } }],
    },
  },
  {
    name: "Model Context Protocol",
    shape: clientMessage,
    single: true,
    body: { jsonrpc: "2.0", id: 1, method: "tools/call", params: { name, arguments: input } },
  },
];
