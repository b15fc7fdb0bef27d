// What a body of Anthropic Messages says, by whom; nothing of it goes unseen, and what nobody has described is drift.

import assert from "node:assert/strict";
import { test } from "node:test";
import { readSpans } from "../rehearsal.ts";
import { messagesRequest } from "./request.ts";

const conversation = {
  model: "claude-x",
  max_tokens: 100,
  stream: true,
  system: [
    { type: "text", text: "x-anthropic-billing-header: cch=12345;" },
    { type: "text", text: "You are Claude Code, Anthropic's official CLI for Claude." },
    { type: "text", text: "Be kind.", cache_control: { type: "ephemeral" } },
  ],
  tools: [
    {
      name: "Read",
      description: "reads",
      input_schema: { type: "object", properties: { file_path: { type: "string" } } },
    },
  ],
  messages: [
    { role: "user", content: "mend it" },
    { role: "user", content: [{ type: "text", text: "<system-reminder>date</system-reminder>" }] },
    {
      role: "assistant",
      content: [
        { type: "thinking", thinking: "hm", signature: "c2ln" },
        { type: "text", text: "I read it" },
        { type: "tool_use", id: "toolu_1", name: "Read", input: { file_path: "src/a.ts" } },
      ],
    },
    {
      role: "user",
      content: [
        {
          type: "tool_result",
          tool_use_id: "toolu_1",
          content: [{ type: "text", text: "const a = 1;" }],
          is_error: false,
        },
        { type: "tool_result", tool_use_id: "toolu_2", content: "plain" },
        { type: "image", source: { type: "base64", media_type: "image/png", data: "aGVsbG8=" } },
      ],
    },
  ],
};

test("who said what, and of which call it is the result", () => {
  const { spans, drift } = readSpans(conversation, messagesRequest);
  assert.deepEqual(drift, []);
  const told = spans
    .filter(({ role }) => role !== "structure" && role !== "description")
    .map(({ role, kind, text, tool, fixed }) =>
      [role, kind, text, tool, fixed ? "fixed" : ""].filter(Boolean).join(" | "),
    );
  assert.deepEqual(told, [
    "system | text | x-anthropic-billing-header: cch=12345; | fixed",
    "system | text | You are Claude Code, Anthropic's official CLI for Claude. | fixed",
    "system | text | Be kind.",
    "person | text | mend it",
    "scaffold | text | <system-reminder>date</system-reminder>",
    "assistant | text | hm | fixed",
    "assistant | opaque | c2ln | fixed",
    "assistant | text | I read it",
    "call | key | file_path | Read",
    "call | free | src/a.ts | Read",
    "result | text | const a = 1; | Read",
    "result | text | plain",
    "person | media | aGVsbG8=",
  ]);
});

test("in the first two system blocks, only what a client says it is stays as it is", () => {
  const claude = "You are Claude Code, Anthropic's official CLI for Claude.";
  const told = (...system: readonly string[]) =>
    readSpans({ ...conversation, system: system.map((text) => ({ type: "text", text })) }, messagesRequest)
      .spans.filter(({ role }) => role === "system")
      .map(({ fixed }) => fixed);
  assert.deepEqual(told(claude, "Rules of the repository", claude), [true, false, false]);
  assert.deepEqual(told("You are a coding agent.", "x-anthropic-billing-header: cc_version=2;"), [false, true]);
  assert.deepEqual(told(`${claude}\n${"And this is what the project says. ".repeat(9)}`), [false]);
});

test("fields, blocks and roles that nobody has described are drift, and are looked at all the same", () => {
  const odd = {
    ...conversation,
    side_channel: { note: "hidden 1" },
    messages: [
      {
        role: "user",
        content: [
          { type: "telepathy", thought: "hidden 2" },
          { type: "text", text: "x", shadow: "hidden 3" },
        ],
      },
      { role: "oracle", content: "hidden 4" },
      { role: "user", content: { deep: ["hidden 5"] } },
    ],
  };
  const { spans, drift } = readSpans(odd, messagesRequest);
  assert.deepEqual(
    drift.map(({ what, path, seen }) => `${what} ${path} ${seen}`),
    [
      "type messages[0].content[0] telepathy",
      "field messages[0].content[1].shadow shadow",
      "role messages[1] oracle",
      "kind messages[2].content object",
      "field side_channel side_channel",
    ],
  );
  const texts = spans.filter(({ role }) => role === "unknown").map(({ text }) => text);
  for (const each of [1, 2, 3, 4, 5]) assert.ok(texts.includes(`hidden ${each}`), String(each));
});
