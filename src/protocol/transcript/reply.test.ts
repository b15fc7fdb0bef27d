// Replies as they are read while they come: cut anywhere they say the same, ended anywhere they say a beginning of it, and whatever
// octets come nothing is thrown and nothing is guessed.

import assert from "node:assert/strict";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import type { Delivered, ReplyKind } from "../../domain/transcript.ts";
import { longestReply, openReply } from "./reply.ts";

const event = (data: object): string => `data: ${JSON.stringify(data)}\n\n`;
const [plain, none] = [{ status: 200, coding: "" }, () => undefined];
const json = "application/json";

const anthropic = [
  { type: "content_block_start", index: 0, content_block: { type: "thinking", thinking: "" } },
  { type: "content_block_delta", index: 0, delta: { type: "thinking_delta", thinking: "hm" } },
  { type: "content_block_start", index: 1, content_block: { type: "text", text: "" } },
  { type: "content_block_delta", index: 1, delta: { type: "text_delta", text: "héllo " } },
  { type: "content_block_delta", index: 1, delta: { type: "text_delta", text: "🌹" } },
  { type: "content_block_start", index: 2, content_block: { type: "tool_use", id: "c1", name: "edit", input: {} } },
  { type: "content_block_delta", index: 2, delta: { type: "input_json_delta", partial_json: '{"b": 1.0,' } },
  { type: "content_block_delta", index: 2, delta: { type: "input_json_delta", partial_json: '"a":"x y"}' } },
  { type: "message_stop" },
];
const thought = { kind: "thought", text: "hm" };
const text = { kind: "text", text: "héllo 🌹", path: "" };
const call = { kind: "call", call: "c1", tool: "edit", made: '{"a":"xy","b":1}', path: "" };

interface Case {
  readonly name: string;
  readonly protocol: string;
  readonly mediaType: string;
  readonly octets: Buffer;
  readonly says: readonly object[];
}

type Made = Omit<Case, "octets"> & { readonly octets: string };

const said = ({ octets, ...one }: Made): Case => ({ ...one, octets: Buffer.from(octets) });

const wholeReply = {
  content: [
    { type: "text", text: text.text },
    { type: "tool_use", id: "c1", name: "edit", input: { b: 1, a: "x y" } },
  ],
};
const parts = ["hé", "llo ", "🌹"];
const functionCall = { id: "c1", name: "edit", args: { b: 1, a: "x y" } };
const candidates = [
  ...parts.map((part) => ({ content: { parts: [{ text: part }] } })),
  { content: { parts: [{ functionCall }] }, finishReason: "STOP" },
];
const lines = [...parts.map((content) => ({ message: { content } })), { message: { content: "" }, done: true }];

const cases: readonly Case[] = [
  said({
    name: "Anthropic, streamed",
    protocol: "anthropic",
    mediaType: "text/event-stream",
    octets: anthropic.map(event).join(""),
    says: [thought, text, call],
  }),
  said({
    name: "Anthropic, whole",
    protocol: "anthropic",
    mediaType: json,
    octets: JSON.stringify(wholeReply),
    says: [
      { ...text, path: ".content[0]" },
      { ...call, path: ".content[1]" },
    ],
  }),
  said({
    name: "Gemini, an array as it comes",
    protocol: "gemini",
    mediaType: `${json}; charset=UTF-8`,
    octets: `[${candidates.map((one) => JSON.stringify({ candidates: [one] })).join("\n,\r\n")}]`,
    says: [text, call],
  }),
  said({
    name: "Ollama, a message a line",
    protocol: "ollama",
    mediaType: "application/x-ndjson",
    octets: lines.map((line) => JSON.stringify(line)).join("\n"),
    says: [text],
  }),
];

function hear(one: Case, pieces: readonly Buffer[], { coding = "", ends = true } = {}): Delivered {
  const kind: ReplyKind = { status: 200, mediaType: one.mediaType, coding };
  const reply = openReply(one.protocol, kind, none);
  for (const piece of pieces) {
    reply.push(piece);
    reply.delivered();
  }
  if (ends) reply.end();
  assert.equal(reply.delivered(), reply.delivered());
  return reply.delivered();
}

function cutAt(octets: Buffer, places: readonly number[]): readonly Buffer[] {
  const ends = [...new Set(places.map((place) => place % (octets.length + 1)))].sort((a, b) => a - b);
  return [...ends, octets.length].map((end, at) => octets.subarray(at === 0 ? 0 : ends[at - 1], end));
}

const places = fc.array(fc.nat({ max: 100_000 }), { maxLength: 12 });

for (const one of cases)
  test(`${one.name}: the same however it is cut`, () => {
    const whole = { utterances: one.says, cut: false, unheard: false, several: false, response: undefined };
    fc.assert(
      fc.property(places, (ends) => assert.deepEqual(hear(one, cutAt(one.octets, ends)), whole)),
      { numRuns: 200 },
    );
  });

const lettersOf = ({ utterances }: Delivered): string =>
  utterances.map((each) => ("text" in each ? each.text : each.kind === "call" ? (each.made ?? "") : "")).join("");

for (const one of cases)
  test(`${one.name}: what ends early says a beginning, and that it is one`, () => {
    const all = lettersOf(hear(one, [one.octets]));
    for (let end = 0; end < one.octets.length - 1; end += 1) {
      const early = hear(one, [one.octets.subarray(0, end)]);
      assert.ok(all.startsWith(lettersOf(early)), `${end}: ${lettersOf(early)}`);
      assert.equal(early.unheard, false, String(end));
      if (!early.cut) assert.deepEqual(lettersOf(early), all);
    }
  });

test("arguments that end in the middle are not known, and are no others", () => {
  const octets = Buffer.from(anthropic.slice(0, 7).map(event).join(""));
  const { utterances, cut } = hear({ ...(cases[0] as Case) }, [octets]);
  assert.deepEqual([utterances.at(-1), cut], [{ ...call, made: undefined }, true]);
});

test("octets of any kind are borne, by every protocol in every framing", () => {
  const protocols = ["anthropic", "openai-chat", "openai-responses", "gemini", "bedrock", "ollama", "unknown"];
  const media = ["text/event-stream", json, "application/x-ndjson", "application/vnd.amazon.eventstream", "x/y", ""];
  const value = fc.json({ maxDepth: 6 }).map((one) => `data: ${one}\n\n${one}\n`);
  const mended = fc
    .tuple(fc.constantFrom(...cases), fc.array(fc.tuple(fc.nat({ max: 2_000 }), fc.nat({ max: 255 }))))
    .map(([one, changes]) => {
      const octets = Buffer.from(one.octets);
      for (const [at, octet] of changes) octets[at % octets.length] = octet;
      return octets;
    });
  const octets = fc.oneof(
    fc.uint8Array({ maxLength: 400 }).map((one) => Buffer.from(one)),
    value.map((one) => Buffer.from(one)),
    mended,
  );
  fc.assert(
    fc.property(
      fc.constantFrom(...protocols),
      fc.constantFrom(...media),
      octets,
      places,
      (protocol, mediaType, all, ends) => {
        for (const kind of [{ ...plain, mediaType }, "messages"] as const) {
          const reply = openReply(protocol, kind, none);
          for (const piece of cutAt(all, ends)) reply.push(piece);
          reply.end();
          const { utterances, unheard, cut } = reply.delivered();
          assert.ok(Array.isArray(utterances) && typeof unheard === "boolean" && typeof cut === "boolean");
          if (protocol === "unknown") assert.ok(unheard);
        }
      },
    ),
    { numRuns: 3_000 },
  );
});

test("an error brings nothing; what is not known to be a reply is not heard", () => {
  const kind = (status: number, mediaType: string, coding = ""): ReplyKind => ({ status, mediaType, coding });
  const of = (protocol: string, reply: ReplyKind): Delivered => openReply(protocol, reply, none).delivered();
  assert.deepEqual(of("anthropic", kind(529, json)).unheard, false);
  assert.deepEqual(of("anthropic", kind(529, json)).cut, false);
  assert.ok(of("anthropic", kind(200, "text/html")).unheard);
  assert.ok(of("mcp", kind(200, json)).unheard);
});

test("an event that is no JSON makes all unknown; the word at a stream's end does not", () => {
  const [one] = cases as readonly [Case];
  assert.ok(hear(one, [Buffer.from('data: {"type":\n\n'), one.octets]).unheard);
  assert.ok(!hear(one, [one.octets, Buffer.from("data: [DONE]\n\n: ping\n\n")]).unheard);
});

test("beyond the bound nothing of it is known", () => {
  const [one] = cases as readonly [Case];
  const more = Buffer.from(
    event({ type: "content_block_delta", index: 1, delta: { type: "text_delta", text: "x".repeat(1_000_000) } }),
  );
  const octets = Array.from({ length: Math.ceil(longestReply / more.length) + 1 }, () => more);
  assert.ok(hear(one, [one.octets, ...octets]).unheard);
});

test("coded: decoded as far as it came, by whoever decodes; not known where nobody can", () => {
  const [one] = cases as readonly [Case];
  const packed = gzipSync(one.octets);
  const kind: ReplyKind = { ...plain, mediaType: one.mediaType, coding: "gzip" };
  const asked: [number, string][] = [];
  const reply = openReply(one.protocol, kind, (octets, coding) => {
    asked.push([octets.length, coding]);
    return octets.length === packed.length ? one.octets : one.octets.subarray(0, 200);
  });
  reply.push(packed.subarray(0, 20));
  assert.ok(reply.delivered().cut);
  reply.push(packed.subarray(20));
  reply.end();
  assert.deepEqual(reply.delivered().utterances, one.says);
  assert.deepEqual(asked, [
    [20, "gzip"],
    [packed.length, "gzip"],
  ]);
  assert.ok(hear(one, [packed], { coding: "gzip" }).unheard);
});

test("a socket's response that begins anew is another one", () => {
  const reply = openReply("openai-responses", "messages", none);
  const item = (name: string) => ({
    type: "message",
    role: "assistant",
    content: [{ type: "output_text", text: name }],
  });
  const say = (message: object): void => reply.push(Buffer.from(JSON.stringify(message)));
  say({ type: "response.output_item.done", output_index: 1, item: item("the rest of another") });
  say({ type: "response.created", response: { id: "r2" } });
  say({ type: "response.output_item.done", output_index: 0, item: item("mine") });
  say({ type: "response.completed", response: { id: "r2", output: [] } });
  const { utterances, response, cut } = reply.delivered();
  assert.deepEqual([utterances.map((one) => "text" in one && one.text), response, cut], [["mine"], "r2", false]);
});

test("a frame whose sums do not hold makes all unknown", () => {
  const payload = Buffer.from('{"contentBlockIndex":0,"delta":{"text":"said"}}');
  const frame = Buffer.alloc(16 + payload.length);
  frame.writeUInt32BE(frame.length, 0);
  payload.copy(frame, 12);
  const kind: ReplyKind = { ...plain, mediaType: "application/vnd.amazon.eventstream" };
  const reply = openReply("bedrock", kind, none);
  reply.push(frame);
  reply.end();
  assert.ok(reply.delivered().unheard);
});

test("answers that come side by side are told one after another", () => {
  const reply = openReply("openai-chat", { ...plain, mediaType: "text/event-stream" }, none);
  for (const part of ["a", "b"])
    for (const index of [0, 1])
      reply.push(Buffer.from(event({ choices: [{ index, delta: { content: `${part}${index}` } }] })));
  const { utterances, several } = reply.delivered();
  assert.ok(several);
  assert.deepEqual(
    utterances.flatMap((one) => (one.kind === "text" ? [one.text] : ["|"])),
    ["a0b0", "|", "a1b1", "|"],
  );
});
