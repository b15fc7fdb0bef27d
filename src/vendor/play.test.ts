import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { gzipSync, zstdCompressSync } from "node:zlib";
import * as fc from "fast-check";
import { deltas } from "./dialect.ts";
import { type Answer, type Part, play, type Request } from "./play.ts";
import { parseScript, type Script } from "./script.ts";

const vectors = new URL("../../vectors/vendor/", import.meta.url);
const script = parseScript(readFileSync(new URL("script.yaml", vectors), "utf8")) as Script;
const part: Part = { script, key: "lab", models: ["lab-a", "lab-b"] };

interface Vector {
  readonly request: { method: string; target: string; headers: Record<string, string>; body: object | null };
  readonly answer: Answer;
}

function load(file: string): Vector {
  return JSON.parse(readFileSync(new URL(file, vectors), "utf8")) as Vector;
}

function requestOf({ request }: Vector, change: { body?: Buffer; headers?: Record<string, string> } = {}): Request {
  const body = change.body ?? Buffer.from(request.body === null ? "" : JSON.stringify(request.body));
  return { ...request, headers: new Map(Object.entries({ ...request.headers, ...change.headers })), body };
}

const files = readdirSync(vectors).filter((name) => name.endsWith(".json"));

void test("vectors: each request gets exactly these frames, and a retry gets them again", () => {
  assert.ok(files.length > 20);
  for (const file of files) {
    const vector = load(file);
    assert.deepEqual(play(part, requestOf(vector)), vector.answer, file);
    assert.deepEqual(play(part, requestOf(vector)), vector.answer, file);
  }
});

void test("a wrong or missing key is refused everywhere, in the vendor's own shape", () => {
  for (const file of files.filter((name) => load(name).answer.status === 200)) {
    const request = requestOf(load(file));
    const target = request.target.replace(/[?&]key=lab/, "");
    for (const key of [undefined, "other", ""]) {
      const headers = new Map([...request.headers].filter(([, value]) => !value.includes("lab")));
      if (key !== undefined) headers.set("x-api-key", key);
      const answer = play(part, { ...request, target, headers });
      assert.equal(answer.status, 401, file);
      assert.ok("error" in (JSON.parse(answer.frames.join("")) as object), file);
    }
  }
});

void test("streams: no delta holds a whole text or a whole argument, and together they are what was scripted", () => {
  const answer = load("anthropic-stream-say-read.json").answer;
  const events = answer.frames
    .flatMap((frame) => frame.split("\n"))
    .filter((line) => line.startsWith("data: "))
    .map((line) => JSON.parse(line.slice(6)) as { delta?: { text?: string; partial_json?: string } });
  const texts = events.flatMap((event) => event.delta?.text ?? []);
  const pieces = events.flatMap((event) => event.delta?.partial_json ?? []);
  assert.ok(texts.length > 1 && pieces.length > 1);
  assert.equal(texts.join(""), script.steps[0]?.say);
  assert.deepEqual(JSON.parse(pieces.join("")), script.steps[0]?.call.arguments);
});

void test("the streamed array of Gemini is one JSON array", () => {
  const answer = load("gemini-array-final.json").answer;
  const chunks = JSON.parse(answer.frames.join("")) as { candidates: { content: { parts: { text: string }[] } }[] }[];
  assert.equal(chunks.flatMap((one) => one.candidates[0]?.content.parts[0]?.text ?? []).join(""), script.final);
});

void test("compressed requests are read; what is not decodable, not JSON or a bomb is refused", () => {
  const vector = load("chat-stream-bash.json");
  const plain = requestOf(vector).body;
  for (const [encoding, body] of [
    ["gzip", gzipSync(plain)],
    ["zstd", zstdCompressSync(plain)],
  ] as const) {
    const answer = play(part, requestOf(vector, { body, headers: { "content-encoding": encoding } }));
    assert.deepEqual(answer, vector.answer);
  }
  const padding = Buffer.alloc(64 * 1024 * 1024, 0x20);
  const bomb = gzipSync(Buffer.concat([plain.subarray(0, -1), padding, Buffer.from("}")]));
  const bad: readonly [string, Buffer][] = [
    ["gzip", plain],
    ["gzip", bomb],
    ["compress", plain],
    ["identity", Buffer.from("[]")],
    ["identity", Buffer.from(plain.toString("latin1").replace("gpt-lab", "gpt-\xff"), "latin1")],
  ];
  for (const [encoding, body] of bad) {
    assert.equal(play(part, requestOf(vector, { body, headers: { "content-encoding": encoding } })).status, 400);
  }
});

void test("a target that is not a path finds nobody", () => {
  const request = requestOf(load("anthropic-stream-final.json"));
  assert.equal(play(part, { ...request, target: ".test/v1/messages" }).status, 400);
});

void test("property: pieces are whole code points and together the text", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme", maxLength: 100 }), (text) => {
      const pieces = deltas(text);
      assert.equal(pieces.join(""), text);
      assert.ok(pieces.every((piece) => piece !== "" && piece.isWellFormed() && Array.from(piece).length <= 16));
    }),
  );
});

void test("property: whatever is asked, there is an answer with a known status", () => {
  const targets = [
    "/v1/messages",
    "/v1/messages/count_tokens",
    "/v1/responses",
    "/v1/chat/completions",
    "/v1beta/models/m:generateContent",
    "/v1/models",
  ];
  const keys = ["model", "messages", "input", "contents", "tools", "stream", "previous_response_id", "system"];
  const inner = fc.letrec((tie) => ({
    node: fc.oneof(
      { maxDepth: 5 },
      fc.jsonValue(),
      fc.array(tie("node")),
      fc.dictionary(
        fc.constantFrom("type", "name", "function", "parameters", "content", "role", "functionDeclarations"),
        tie("node"),
      ),
    ),
  })).node;
  const body = fc.oneof(
    fc.uint8Array().map((bytes) => Buffer.from(bytes)),
    fc.dictionary(fc.constantFrom(...keys), inner).map((value) => Buffer.from(JSON.stringify(value))),
  );
  const target = fc.oneof(fc.constantFrom(...targets), fc.string());
  fc.assert(
    fc.property(fc.constantFrom("GET", "POST", "HEAD"), target, body, (method, to, bytes) => {
      const answer = play(part, { method, target: to, headers: new Map([["x-api-key", "lab"]]), body: bytes });
      assert.ok([200, 400, 401, 404].includes(answer.status));
      assert.ok(answer.frames.length > 0);
    }),
    { numRuns: 60 },
  );
});

void test("a request without tools that asks for JSON gets it in the shape it names, in every dialect", () => {
  const shape = {
    type: "object",
    properties: { score: { type: "integer" }, why: { type: "string" } },
    required: ["score", "why"],
  };
  const asked = [
    ["/v1/messages", { messages: [], output_config: { format: { type: "json_schema", schema: shape } } }],
    [
      "/v1/chat/completions",
      { messages: [], response_format: { type: "json_schema", json_schema: { schema: shape } } },
    ],
    ["/compatible-mode/v1/chat/completions", { messages: [], response_format: { json_schema: { schema: shape } } }],
    ["/v1/responses", { input: [], text: { format: { type: "json_schema", schema: shape } } }],
    ["/backend-api/codex/responses", { input: [], text: { format: { schema: shape } } }],
    ["/v1beta/models/m:generateContent", { contents: [], generationConfig: { responseJsonSchema: shape } }],
    ["/v1beta/models/m:generateContent", { contents: [], generationConfig: { responseSchema: shape } }],
  ] as const;
  for (const [target, body] of asked) {
    const request = { method: "POST", target, headers: new Map([["x-api-key", "lab"]]) };
    const answer = play(part, { ...request, body: Buffer.from(JSON.stringify({ model: "m", ...body })) });
    const said = JSON.stringify(JSON.stringify({ score: 1, why: script.aside })).slice(1, -1);
    assert.ok(answer.frames.join("").includes(said), `${target}: ${answer.frames.join("")}`);
  }
});

void test("an agent with a login is told where to go, by whoever knows its key", () => {
  const ask = (key: string): Answer => {
    const headers = new Map([["authorization", `Bearer ${key}`]]);
    return play(part, { method: "GET", target: "/backend-api/wham/accounts/check", headers, body: Buffer.alloc(0) });
  };
  assert.equal(ask("other").status, 401);
  const told = JSON.parse(ask("lab").frames.join("")) as { accounts: readonly Record<string, unknown>[] };
  assert.equal(told.accounts[0]?.["workspace_backend_origin"], "https://chatgpt.com");
});
