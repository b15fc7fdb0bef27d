// Bodies of every kind: each octet that could be content is in some span, and none of it throws.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { cases } from "./cases.ts";
import { readRequest, type Said } from "./read.ts";

const read = (body: string | Buffer, { type = "application/json", target = "/upload" } = {}): Said =>
  readRequest({ method: "POST", target, headers: ["Content-Type", type] }, Buffer.from(body));

const texts = ({ spans }: Said): readonly string[] => spans.map(({ text }) => text);

test("JSON of nobody's is read to its last key, telemetry a line each", () => {
  const events = read('{"a":{"b":["x"]}}\n\n{"c":"y"}\n');
  assert.deepEqual(texts(events), ["a", "b", "x", "c", "y"]);
  assert.equal(events.spans[2]?.path, "[0].a.b[0]");
  assert.deepEqual(texts(read('{"k":"v"}')), ["k", "v"]);
});

test("what says that it is JSON and is none is one span, whole", () => {
  for (const body of ['{"a":', "not json", '{"a":1}{', "{'a':1}"]) assert.deepEqual(texts(read(body)), [body]);
  assert.deepEqual(read("").spans, []);
});

test("octets that are no text are read one a character", () => {
  const [span] = read(Buffer.from([0, 255, 254, 0x41])).spans;
  assert.deepEqual([span?.text, span?.kind, span?.fixed], ["\0\u00ff\u00feA", "media", true]);
});

test("a form's names and values, decoded; a form that goes on for ever is bounded", () => {
  const form = read("a=1&secret%20name=%C3%A9+x&empty=&b", {
    type: "application/x-www-form-urlencoded; charset=utf-8",
  });
  assert.deepEqual(texts(form), ["a", "1", "secret name", "é x", "empty", "b"]);
  const long = read("a=1&".repeat(5_000), { type: "application/x-www-form-urlencoded" });
  assert.ok(long.spans.length < 2_100);
  assert.ok(long.spans.at(-1)?.text.endsWith("a=1&"));
});

test("parts of a multipart body, their heads, and what stands before the first", () => {
  const body =
    'hello\r\n--x\r\nContent-Disposition: form-data; name="f"; filename="a.ts"\r\n\r\nconst a = 1;\r\n--x--\r\n';
  const said = read(body, { type: 'multipart/form-data; boundary="x"' });
  assert.ok(texts(said).some((text) => text.startsWith("const a = 1;")));
  assert.ok(texts(said).some((text) => text.includes('filename="a.ts"')));
  assert.ok(texts(said).some((text) => text.startsWith("hello")));
  assert.deepEqual(texts(read(body, { type: "multipart/form-data" })), [body]);
});

test("MCP is known by its own words, and what two readers could read differently is objected to", () => {
  const call = { jsonrpc: "2.0", id: 1, method: "tools/call", params: { name: "t", arguments: { x: "y" } } };
  const said = read(JSON.stringify(call), { target: "/mcp" });
  assert.equal(said.protocol, "mcp");
  assert.ok(said.spans.some(({ text, role, tool }) => text === "y" && role === "call" && tool === "t"));
  assert.deepEqual(
    read('{"a":1,"a":2}').objections.map(({ what }) => what),
    ["duplicate key"],
  );
});

test("any octets under any type: read, every span within the body", () => {
  const types = [
    "application/json",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=ab",
    "text/plain",
    "",
  ];
  const pieces = fc.constantFrom("--ab", "\r\n", "&", "=", "%", "{", "}", '"', "a", "\n", ":", "\\u", "é", "\u0000");
  const octets = fc.oneof(
    fc.array(pieces).map((all) => Buffer.from(all.join(""))),
    fc.uint8Array().map((all) => Buffer.from(all)),
  );
  fc.assert(
    fc.property(octets, fc.constantFrom(...types), (body, type) => {
      const { spans } = read(body, { type });
      for (const { place, text } of spans) assert.ok(place.from >= 0 && place.to <= body.length && text.length >= 0);
      const covered = spans.reduce((sum, { place }) => sum + place.to - place.from, 0);
      assert.ok(covered <= body.length);
    }),
    { numRuns: 1_500 },
  );
});

test("every protocol's conversation by the path its clients use", () => {
  const targets: Readonly<Record<string, string>> = {
    "Anthropic Messages": "/v1/messages?beta=true",
    "OpenAI Chat Completions": "/v1/chat/completions",
    "OpenAI Responses": "/v1/responses",
    Gemini: "/v1beta/models/g:streamGenerateContent?alt=sse",
    "Gemini after a login": "/v1internal:generateContent",
    "Bedrock Converse": "/model/m/converse",
    Ollama: "/api/chat",
  };
  for (const { name, body } of cases.filter((one) => targets[one.name] !== undefined)) {
    const said = read(JSON.stringify(body), { target: targets[name] ?? "" });
    assert.notEqual(said.protocol, "unknown", name);
    assert.deepEqual(said.drift, [], name);
  }
});
