import assert from "node:assert/strict";
import { test } from "node:test";
import { parseHost } from "../domain/brand.ts";
import { refusalFor } from "./refusal.ts";

const text = "not permitted";

function refuse(name: string, target = "/", status = 403, headers: string[] = []) {
  const host = parseHost(name);
  assert.ok(host !== undefined);
  return refusalFor({ status, host, head: { method: "POST", target, headers }, text });
}

const anthropic = { type: "error", error: { type: "permission_error", message: text } };
const openai = { error: { message: text, type: "invalid_request_error", param: null, code: "permission_denied" } };
const google = { error: { code: 403, message: text, status: "PERMISSION_DENIED" } };

const cases: readonly [name: string, target: string, headers: string[], body: unknown][] = [
  ["api.anthropic.com", "/v1/messages?beta=true", [], anthropic],
  ["api.anthropic.com", "/api/event_logging/v2/batch", [], anthropic],
  ["llm.corp.example", "/v1/messages", [], anthropic],
  ["llm.corp.example", "/anything", ["Anthropic-Version", "2023-06-01"], anthropic],
  ["api.openai.com", "/v1/responses", [], openai],
  ["chatgpt.com", "/backend-api/codex/responses", [], openai],
  ["api.individual.githubcopilot.com", "/chat/completions", [], openai],
  ["127.0.0.1", "/v1/chat/completions", [], openai],
  ["generativelanguage.googleapis.com", "/v1beta/models/m:streamGenerateContent?alt=sse", [], google],
  ["llm.corp.example", "/v1beta/models/m:generateContent", [], google],
  ["llm.corp.example", "/x", ["X-Goog-Api-Key", "k"], google],
];
for (const [name, target, headers, body] of cases) {
  test(`${name}${target} is refused in its vendor's shape`, () => {
    const refusal = refuse(name, target, 403, headers);
    assert.deepEqual(JSON.parse(refusal.body), body);
    assert.deepEqual([refusal.status, refusal.contentType], [403, "application/json"]);
  });
}

for (const name of ["example.org", "evil-anthropic.com", "anthropic.com.evil.example", "notopenai.com"]) {
  test(`${name} gets plain text`, () => {
    assert.deepEqual(refuse(name), { status: 403, contentType: "text/plain; charset=utf-8", body: `${text}\n` });
  });
}

test("the kind of error follows the status", () => {
  const kind = (status: number) => JSON.parse(refuse("api.anthropic.com", "/", status).body).error.type;
  assert.deepEqual([400, 403, 413, 421, 502, 503].map(kind), [
    "invalid_request_error",
    "permission_error",
    "request_too_large",
    "invalid_request_error",
    "api_error",
    "api_error",
  ]);
  assert.equal(JSON.parse(refuse("api.openai.com", "/", 502).body).error.type, "server_error");
  assert.equal(JSON.parse(refuse("x.googleapis.com", "/", 503).body).error.status, "UNAVAILABLE");
});

test("a push: failed in git's own words, and only a refused one", () => {
  const headers = ["Content-Type", "application/x-git-receive-pack-request"];
  const refusal = refuse("git.example.com", "/a/git-receive-pack", 403, headers);
  const line = `\u0003postern: ${text}\n`;
  const size = (line.length + 4).toString(16).padStart(4, "0");
  assert.deepEqual(refusal, { status: 200, contentType: "application/x-git-receive-pack-result", body: size + line });
  assert.equal(refuse("git.example.com", "/a/git-receive-pack", 502, headers).status, 502);
  assert.equal(refuse("git.example.com", "/a/git-upload-pack", 403, ["Content-Type", "x"]).status, 403);
});
