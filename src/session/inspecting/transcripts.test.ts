// Histories and replies written to be too much: what is done for them is in proportion, what is kept of them is bounded, and what lies
// beyond a bound is counted as not known: never as a finding, never as known. Steps are counted; no clock is asked.

import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import fc from "fast-check";
import type { Host } from "../../domain/brand.ts";
import type { Transcript } from "../../domain/transcript.ts";
import { steps } from "../../inspection/steps.ts";
import { memoryLimits } from "../../inspection/transcript/limits.ts";
import { readRequest } from "../../protocol/read.ts";
import { openTranscripts } from "./transcripts.ts";

const hash = (text: string): string => createHmac("sha256", "key").update(text).digest("base64");
const reply = { status: 200, mediaType: "text/event-stream", coding: "" };

interface Message {
  readonly role: "user" | "assistant";
  readonly content: string;
}

const user = (content: string): Message => ({ role: "user", content });
const model = (content: string): Message => ({ role: "assistant", content });

const streamed = (text: string, over = true): Buffer =>
  Buffer.from(
    [
      { type: "content_block_start", index: 0, content_block: { type: "text", text: "" } },
      { type: "content_block_delta", index: 0, delta: { type: "text_delta", text } },
      ...(over ? [{ type: "message_stop" }] : []),
    ]
      .map((event) => `data: ${JSON.stringify(event)}\n\n`)
      .join(""),
  );

function open(limits = memoryLimits) {
  const { look, hear } = openTranscripts(hash, limits);
  let asked = 0;
  const ask = (messages: unknown, target = "/v1/messages"): Transcript => {
    asked += 1;
    const head = { method: "POST", target, headers: ["content-type", "application/json"] };
    const body = Buffer.from(JSON.stringify({ model: "m", messages, input: messages, contents: messages }));
    const inquiry = { form: "request", head, host: "h" as Host, body, number: asked } as const;
    return look(inquiry, readRequest(head, body), "one").transcript ?? assert.fail("not compared");
  };
  const say = (octets: Buffer, how: "whole" | "broken" | "lost" | "never" = "whole"): void => {
    hear({ asked, kind: "begins", reply });
    hear({ asked, kind: "octets", parts: [octets] });
    if (how !== "never") hear({ asked, kind: "ends", how });
  };
  return { ask, say };
}

function done<Result>(what: () => Result): { readonly result: Result; readonly aligned: number } {
  const before = steps.aligned;
  const result = what();
  return { result, aligned: steps.aligned - before };
}

const found = ({ counts }: Transcript): number => Object.values(counts).reduce((sum, one) => sum + one, 0);

test("5,000 blocks, and then two of them changed far apart", () => {
  const { ask, say } = open();
  const history = [user("begin"), ...Array.from({ length: 5_000 }, (_, at) => [model(`${at}`), user("on")]).flat()];
  assert.deepEqual([ask(history).before, found(ask(history))], [5_000, 0]);
  say(streamed("an answer"));
  const whole = [...history, model("an answer"), user("on")];
  const known = done(() => ask(whole));
  assert.deepEqual([known.result.known, known.result.before, found(known.result)], [1, 5_000, 0]);
  const forged = whole.map((one, at) => (at === 11 || at === 9_001 ? model("made up") : one));
  const { result, aligned } = done(() => ask(forged));
  assert.deepEqual(result.counts, { edited: 2, forged: 0, missing: 0, orphan: 0 });
  assert.equal(result.findings.length, 2);
  // each of at most 40 ways that it is laid beside, and where both differ a table of its bound
  assert.ok(aligned <= 40 * (2 * 5_001 + 250_000), `${aligned}`);
});

test("one block 50,000 times", () => {
  const { ask, say } = open();
  const many = [user("begin"), ...Array.from({ length: 50_000 }, () => [model("again"), user("on")]).flat()];
  ask([user("begin")]);
  say(streamed("again"));
  ask([user("begin"), model("again"), user("on")]);
  say(streamed("again"));
  const { result, aligned } = done(() => ask(many));
  assert.deepEqual([result.counts.forged, result.findings.length], [49_998, 50]);
  assert.ok(aligned <= 40 * (2 * 50_000 + 250_000), `${aligned}`);
});

test("one block 5,000 times in a conversation begun elsewhere: it ends in the same at each of them", () => {
  const { ask, say } = open();
  const many = [user("begin"), ...Array.from({ length: 5_000 }, () => [model("again"), user("on")]).flat()];
  ask(many);
  say(streamed("well"));
  const { result, aligned } = done(() => ask(many.map((one, at) => (at === 1 ? model("made up") : one))));
  assert.equal(found(result) + result.before, 5_000);
  assert.ok(aligned <= 40 * (2 * 5_000 + 250_000), `${aligned}`);
});

test("more blocks than are looked up: those before them are not known, and what is changed behind is found", () => {
  const { ask, say } = open({ ...memoryLimits, blocks: 100 });
  const history = [user("begin"), ...Array.from({ length: 300 }, (_, at) => [model(`${at}`), user("on")]).flat()];
  assert.deepEqual([ask(history).before, ask(history).unheard], [100, 200]);
  say(streamed("an answer"));
  const whole = [...history, model("an answer"), user("on")];
  assert.deepEqual([ask(whole).known, ask(whole).before, ask(whole).unheard], [1, 99, 201]);
  const { unheard, counts } = ask(whole.map((one, at) => (at === 1 || at === 501 ? model("made up") : one)));
  assert.deepEqual([unheard, counts.edited], [201, 1]);
});

test("thousands of texts that begin as replies that were cut", () => {
  const { ask, say } = open();
  const alike = "a".repeat(40_000);
  for (let nth = 0; nth < 150; nth += 1) {
    ask([user(`begin ${nth}`)]);
    say(streamed(`${alike}${nth}`, false), "broken");
  }
  ask([user("begin")]);
  say(streamed("well"));
  const near = Array.from({ length: 500 }, (_, nth) => [model(`${alike.slice(nth)}b`), user("on")]).flat();
  const { result, aligned } = done(() => ask([user("begin"), model("well"), user("on"), ...near]));
  // what could not be compared any more is not known
  assert.deepEqual([result.known, result.unheard, found(result)], [1, 500, 0]);
  assert.ok(aligned <= memoryLimits.likened + 200 * 501 + 40 * (2 * 501 + 250_000) + alike.length, `${aligned}`);
});

test("a memory that is full: nothing new is a finding, and it is said how much that is", () => {
  const { ask, say } = open({ ...memoryLimits, names: 40 });
  const history: Message[] = [user("begin")];
  for (let nth = 0; nth < 60; nth += 1) {
    const { before, known, unheard, counts } = ask(history);
    assert.deepEqual(counts, { edited: 0, forged: 0, missing: 0, orphan: 0 });
    assert.equal(known + unheard + before, nth);
    say(streamed(`answer ${nth}`));
    history.push(model(`answer ${nth}`), user("on"));
  }
  const made = [...history, model("made up"), user("on")];
  const { unheard, known } = ask(made);
  assert.ok(unheard > 1 && known > 10, `${known} known, ${unheard} unheard`);
});

for (const limits of [{ exchanges: 10 }, { places: 60 }])
  test(`so many requests and no more: ${JSON.stringify(limits)}`, () => {
    const { ask, say } = open({ ...memoryLimits, ...limits });
    const history: Message[] = [user("begin")];
    for (let nth = 0; nth < 30; nth += 1) {
      assert.equal(found(ask(history)), 0);
      say(streamed(`answer ${nth}`));
      history.push(model(`answer ${nth}`), user("on"));
    }
    assert.ok(ask(history).unheard > 10);
  });

test("replies that never end: the oldest are not known, and no request tells a finding for that", () => {
  const { ask, say } = open({ ...memoryLimits, open: 5 });
  for (let nth = 0; nth < 40; nth += 1) {
    ask([user(`begin ${nth}`)]);
    say(streamed(`half ${nth}`, false), "never");
  }
  const first = ask([user("begin 0"), model("half 0 and what came later"), user("on")]);
  assert.deepEqual([first.unheard, found(first)], [1, 0]);
  const last = ask([user("begin 39"), model("half 39"), user("on")]);
  assert.deepEqual([last.known, last.unheard, found(last)], [1, 0, 0]);
  const forged = ask([user("begin 39"), model("half 40"), user("on")]);
  assert.equal(found(forged), 1);
});

test("more than is kept of replies that come at once is not known", () => {
  const { ask, say } = open();
  const part = "x".repeat(7_000_000);
  for (let nth = 0; nth < 12; nth += 1) {
    ask([user(`begin ${nth}`)]);
    say(streamed(`${nth}${part}`, false), "never");
  }
  const told = (nth: number): Transcript => ask([user(`begin ${nth}`), model("otherwise"), user("on")]);
  assert.deepEqual([told(0).unheard, found(told(0))], [0, 1]);
  assert.deepEqual([told(11).unheard, found(told(11))], [1, 0]);
});

test("of a reply that has ended its texts are not kept", () => {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  const { ask, say } = open();
  const used = (): number => {
    collect();
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    return heapUsed + arrayBuffers;
  };
  const before = used();
  for (let nth = 0; nth < 100; nth += 1) {
    ask([user(`begin ${nth}`)]);
    say(streamed(`${nth}${"x".repeat(1_000_000)}`));
  }
  const grown = used() - before;
  assert.ok(grown < 20_000_000, `${grown} octets more`);
});

test("histories of any form are borne, by every protocol", () => {
  const targets = [
    "/v1/messages",
    "/v1/chat/completions",
    "/v1/responses",
    "/v1beta/models/m:generateContent",
    "/model/m/converse",
    "/api/chat",
  ];
  const name = fc.constantFrom(
    "role",
    "content",
    "type",
    "text",
    "tool_calls",
    "function",
    "parts",
    "id",
    "name",
    "input",
  );
  const word = fc.constantFrom(
    "assistant",
    "user",
    "model",
    "tool",
    "text",
    "tool_use",
    "message",
    "function_call",
    "",
  );
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { depthSize: "small", withCrossShrink: true },
      fc.oneof(word, fc.string(), fc.double(), fc.boolean(), fc.constant(null)),
      fc.array(tie("value"), { maxLength: 4 }),
      fc.dictionary(fc.oneof(name, fc.string()), tie("value"), { maxKeys: 6 }),
    ),
  }));
  const { ask, say } = open();
  fc.assert(
    fc.property(fc.constantFrom(...targets), fc.array(value, { maxLength: 5 }), (target, messages) => {
      const { known, before, unheard, findings } = ask(messages, target);
      assert.ok(known >= 0 && before >= 0 && unheard >= 0 && findings.length <= 50);
      say(Buffer.from(`data: ${JSON.stringify(messages)}\n\n`));
    }),
    { numRuns: 2_000 },
  );
});
