// A secret with letters that JSON escapes, read from a file of JSON, from a file of none, and out of what a tool wraps around either: written back
// through the reply, each file is what it was.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Host } from "../../domain/brand.ts";
import type { Span } from "../../domain/span.ts";
import { readerOf } from "../../protocol/streams.ts";
import { openDesk } from "./desk.ts";
import { openRestoring } from "./restoring.ts";
import { openStanding } from "./standing.ts";

const pem = `-----BEGIN PRIVATE KEY-----\n${Buffer.alloc(96, 7).toString("base64")}\n-----END PRIVATE KEY-----\n`;
const password = 'correct "horse" \\ battery 9';
const known = [
  { label: "file key.pem", value: pem.trim() },
  { label: "environment PW", value: password },
];

/** Files in which they stand in every way of writing. */
const files: Readonly<Record<string, string>> = {
  "account.json": `${JSON.stringify({ type: "service_account", private_key: pem, pw: password }, undefined, 2)}\n`,
  "one.json": JSON.stringify({ output: 1, deep: [{ pw: password }] }),
  "list.json": JSON.stringify([password, pem]),
  "key.pem": pem,
  "settings.ini": `[access]\npassword = ${password}\nhost = a\n`,
  "quoted.env": `KEY="${pem}"\n`,
  "escaped.ts": `export const key = ${JSON.stringify(pem)};\n`,
};

const ask = (result: string) => ({
  chat: {
    target: "/v1/chat/completions",
    body: {
      model: "m",
      messages: [
        {
          role: "assistant",
          content: null,
          tool_calls: [{ id: "c", type: "function", function: { name: "Read", arguments: "{}" } }],
        },
        { role: "tool", tool_call_id: "c", content: result },
      ],
    },
  },
  anthropic: {
    target: "/v1/messages",
    body: {
      model: "m",
      max_tokens: 9,
      messages: [
        { role: "assistant", content: [{ type: "tool_use", id: "c", name: "Read", input: {} }] },
        { role: "user", content: [{ type: "tool_result", tool_use_id: "c", content: result }] },
      ],
    },
  },
});

/** What the model is told it read. */
function told(body: string): string {
  const { messages } = JSON.parse(body) as { messages: { content: string | { content: string }[] }[] };
  const last = messages.at(-1)?.content ?? "";
  return typeof last === "string" ? last : (last[0]?.content ?? "");
}

const call = (content: string) => ({ path: "a", content });

const inPieces = (...pieces: readonly string[]): Buffer => {
  const chunk = (argument: string, name?: string): string =>
    `data: ${JSON.stringify({ choices: [{ index: 0, delta: { tool_calls: [{ index: 0, id: "c", function: { name, arguments: argument } }] } }] })}\n\n`;
  return Buffer.from([chunk("", "write_file"), ...pieces.map((piece) => chunk(piece))].join(""));
};

/** As a model writes it: whole, or in pieces of a string. */
const replies = {
  chat: (content: string, cut: number): Buffer => {
    const text = JSON.stringify(call(content));
    return inPieces(text.slice(0, cut), text.slice(cut));
  },
  anthropic: (content: string): Buffer =>
    Buffer.from(JSON.stringify({ content: [{ type: "tool_use", id: "t", name: "Write", input: call(content) }] })),
};

function contentOf(protocol: "chat" | "anthropic", passed: string): string {
  if (protocol === "anthropic")
    return (JSON.parse(passed) as { content: { input: { content: string } }[] }).content[0]?.input.content ?? "";
  const parts = passed.split("\n\n").flatMap((event) => (event.startsWith("data: ") ? [event.slice(6)] : []));
  const text = parts
    .map((part) => JSON.parse(part) as { choices: { delta: { tool_calls: { function: { arguments: string } }[] } }[] })
    .map(({ choices }) => choices[0]?.delta.tool_calls[0]?.function.arguments ?? "")
    .join("");
  return (JSON.parse(text) as { content: string }).content;
}

for (const protocol of ["chat", "anthropic"] as const)
  for (const [name, file] of Object.entries(files))
    for (const [way, wrap] of Object.entries({
      plainly: (text: string) => text,
      "in what a tool wraps around it": (text: string) => JSON.stringify({ output: text, metadata: { exit_code: 0 } }),
    }))
      test(`${protocol}: ${name}, read ${way}, written back is what it was`, () => {
        const desk = openDesk({ known, compared: false, rules: undefined });
        const { target, body } = ask(wrap(file))[protocol];
        const head = { method: "POST", target, headers: [] };
        const asked = { form: "request", head, host: "api.example.com" as Host } as const;
        const { redaction } = desk.look({ ...asked, body: Buffer.from(JSON.stringify(body)) });
        const seen = told(String(redaction?.body));
        const content = way === "plainly" ? seen : (JSON.parse(seen) as { output: string }).output;
        for (const value of [password, pem.trim()])
          for (const written of [value, JSON.stringify(value).slice(1, -1)]) assert.ok(!content.includes(written));
        const values = new Map(desk.made());
        fc.assert(
          fc.property(fc.nat({ max: 200 }), (cut) => {
            const media = protocol === "chat" ? "text/event-stream" : "application/json";
            const reader = readerOf(protocol === "chat" ? "openai-chat" : "anthropic", media) ?? assert.fail();
            const restoring = openRestoring(reader, values);
            const passed = Buffer.concat([restoring.push(replies[protocol](content, cut)), restoring.end()]);
            assert.equal(contentOf(protocol, String(passed)), file);
          }),
          { numRuns: protocol === "chat" ? 60 : 1 },
        );
      });

const standsFor = ({ role, kind, text }: Pick<Span, "role" | "kind" | "text">, written: string): string => {
  const from = text.indexOf(written);
  return openStanding({ role, kind, text })(from, from + written.length);
};

test("a call's arguments that are sent again say the same placeholder as what was read", () => {
  const span = (role: Span["role"], kind: Span["kind"], text: string) => ({ role, kind, text });
  const escaped = JSON.stringify(password).slice(1, -1);
  const twice = JSON.stringify(escaped).slice(1, -1);
  assert.equal(standsFor(span("result", "text", `pw = ${password}`), password), password);
  assert.equal(standsFor(span("call", "text", JSON.stringify({ content: password })), escaped), password);
  assert.equal(standsFor(span("call", "text", JSON.stringify({ content: escaped })), twice), escaped);
  assert.equal(standsFor(span("call", "text", "*** Begin Patch\n+a\\nb"), "a\\nb"), "a\\nb", "a call's plain text");
  const beside = JSON.stringify({ output: "something else", pw: password });
  assert.equal(standsFor(span("result", "text", beside), escaped), escaped, "beside what a tool printed");
  assert.equal(standsFor(span("person", "text", JSON.stringify({ output: password })), escaped), escaped);
  assert.equal(standsFor(span("call", "free", JSON.stringify({ pw: password })), escaped), escaped);
});

test("only what stands in the text a tool answers with has its escapes taken off, wherever else the same stands", () => {
  const escaped = JSON.stringify(password).slice(1, -1);
  const text = JSON.stringify({ "é🌹": password, output: `ü ${password}`, more: password, stdout: password });
  const standsFor = openStanding({ role: "result", kind: "text", text });
  const places = [...text.matchAll(/correct.*?9/g)].map(({ index }) => index);
  assert.deepEqual(
    places.map((from) => standsFor(from, from + escaped.length)),
    [escaped, password, escaped, password],
  );
});

test("a large answer with a thousand secrets in it costs no more than to read it once", () => {
  const desk = openDesk({ known, compared: false, rules: undefined });
  const { target, body } = ask(
    JSON.stringify({ other: `${password}\n`.repeat(900), output: "x ".repeat(2_000_000) }),
  ).chat;
  const asked = { form: "request", head: { method: "POST", target, headers: [] }, host: "a.example" as Host } as const;
  const begun = performance.now();
  const { redaction } = desk.look({ ...asked, body: Buffer.from(JSON.stringify(body)) });
  assert.equal(redaction?.parts[0]?.count, 900);
  assert.ok(redaction.body !== undefined);
  assert.ok(performance.now() - begun < 8_000);
});

test("arguments that begin with a piece of white space are JSON all the same", () => {
  const placeholder = `PSTN_X_${"A".repeat(16)}`;
  const values = new Map([[placeholder, `x","path":"b`]]);
  const text = ` \n\t${JSON.stringify(call(placeholder))}`;
  for (const cut of [0, 1, 2, 3, 4]) {
    const restoring = openRestoring(readerOf("openai-chat", "text/event-stream") ?? assert.fail(), values);
    const passed = Buffer.concat([restoring.push(inPieces(text.slice(0, cut), text.slice(cut))), restoring.end()]);
    assert.equal(contentOf("chat", String(passed)), `x","path":"b`);
  }
});

test("any text: no throw", () => {
  const roles = fc.constantFrom<Span["role"]>("call", "result", "person");
  const place = fc.nat({ max: 40 });
  fc.assert(
    fc.property(roles, fc.oneof(fc.json(), fc.string()), place, place, (role, json, from, length) => {
      const text = `${json}\\\\`;
      assert.equal(typeof openStanding({ role, kind: "text", text })(from, from + length), "string");
    }),
  );
  for (const text of [
    `{"a":"\\n","b":${"[".repeat(1e6)}${"]".repeat(1e6)}}`,
    `{"a":"\\n",${'"output":"",'.repeat(1e5)}"b":1}`,
  ])
    assert.equal(openStanding({ role: "result", kind: "text", text })(6, 8), "\\n");
});
