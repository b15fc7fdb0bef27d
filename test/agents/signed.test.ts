// A published agent that marks each of its requests with a checksum of its content: with a key it leaves the mark away, and a session
// with a secret in its history goes on to its end. Judged by what the vendor received, the checkout and the record. Needs npm.

import assert from "node:assert/strict";
import { test } from "node:test";
import { demo } from "../../src/vendor/demo.ts";
import { placeholder, token } from "../holes/stand.ts";
import { install } from "./packages.ts";
import { patience, play } from "./play.ts";
import { roster } from "./roster.ts";

test("claude-code with a key: a secret it is told is taken out of every request, and it ends its work", {
  timeout: 2 * patience,
}, async () => {
  const agent = roster.find(({ name }) => name === "claude-code") ?? assert.fail("no such agent");
  const [way] = agent.ways;
  assert.ok(way !== undefined);
  const words = way.words.map((word) => (word.includes(" ") ? `${word} The token is ${token}.` : word));
  const played = await play({ agent, installed: install(agent.name), way: { ...way, words }, edits: "live" });
  assert.equal(played.landed, demo.mended.text, played.told);
  const asked = played.requests.filter(({ target }) => agent.target.test(target));
  assert.ok(asked.length > demo.script.steps.length, played.told);
  for (const { body, status } of asked) {
    const text = String(body);
    assert.equal(status, 200);
    assert.ok(!text.includes(token) && placeholder.test(text));
    assert.doesNotMatch(text, /x-anthropic-billing-header|\bcch=/);
  }
  const requests = played.log.filter(({ kind, purpose }) => kind === "request" && purpose === "inference");
  assert.equal(requests.filter(({ verdict }) => verdict === "redact").length, asked.length);
});
