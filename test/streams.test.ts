// What the scripted vendor streams, in every protocol it speaks: put together again, it is the text and the call that were sent.

import assert from "node:assert/strict";
import { test } from "node:test";
import { messagesPieces } from "../src/protocol/anthropic/events.ts";
import { generatePieces } from "../src/protocol/google/events.ts";
import { readJson } from "../src/protocol/json/reader.ts";
import { kind } from "../src/protocol/json/tree.ts";
import { ollamaPieces } from "../src/protocol/ollama/events.ts";
import { chatPieces } from "../src/protocol/openai/chat-events.ts";
import { responsesPieces } from "../src/protocol/openai/responses-events.ts";
import type { ReadPieces } from "../src/protocol/stream/piece.ts";
import { openSse } from "../src/protocol/stream/sse.ts";
import { anthropic } from "../src/vendor/anthropic.ts";
import { chat } from "../src/vendor/chat.ts";
import type { Dialect } from "../src/vendor/dialect.ts";
import { gemini } from "../src/vendor/gemini.ts";
import { responses } from "../src/vendor/responses.ts";
import { turn } from "./restoring/dialects.ts";

const text = "first I look at the “roses”\nand then at the rest 🌹";
const call = { name: "look", arguments: { bed: 'seven "7"', deep: { a: [1, "é"] } } };
interface Heard {
  readonly texts: Readonly<Record<string, string>>;
  readonly tools: readonly string[];
  readonly calls: readonly unknown[];
  readonly over: boolean;
}

/** All pieces of each block together; a whole must be what its pieces were. */
function listen(read: ReadPieces, messages: readonly Buffer[]): Heard {
  const blocks = new Map<string, string>();
  const tools = new Set<string>();
  const calls = new Map<string, unknown>();
  let over = false;
  for (const message of messages) {
    const done = readJson(message);
    assert.ok(done.kind === "json", message.toString());
    for (const piece of read(done.tree, "")) {
      if (piece.kind === "begin" && piece.tool !== undefined) tools.add(piece.tool);
      if (piece.kind === "more") {
        const before = blocks.get(`${piece.what} ${piece.block}`) ?? "";
        blocks.set(`${piece.what} ${piece.block}`, before + done.tree.decode(piece.place));
      }
      if (piece.kind === "whole") {
        if (piece.tool !== undefined) tools.add(piece.tool);
        const isString: boolean = done.tree.kindOf(piece.node) === kind.string;
        const whole: string = isString
          ? done.tree.textOf(piece.node)
          : done.tree.bytes.toString("utf8", done.tree.fromOf(piece.node), done.tree.toOf(piece.node));
        const key = `${piece.what} ${piece.block}`;
        if (blocks.has(key)) assert.equal(whole, blocks.get(key), "what comes again is what was said");
        else blocks.set(key, whole);
      }
      if (piece.kind === "over") over = true;
    }
  }
  for (const [key, value] of blocks) if (key.startsWith("call")) calls.set(key, JSON.parse(value));
  const texts = Object.fromEntries([...blocks].filter(([key]) => key.startsWith("text")));
  return { texts, tools: [...tools], calls: [...calls.values()], over };
}

const dialects: readonly (readonly [Dialect, ReadPieces])[] = [
  [anthropic, messagesPieces],
  [chat, chatPieces],
  [responses, responsesPieces],
  [gemini, generatePieces],
];

for (const [dialect, read] of dialects)
  test(`${dialect.name}: pieces of a stream are the reply that was sent`, () => {
    const frames = dialect.frames({ text, call }, turn, "sse");
    const reader = openSse();
    const parts = [...reader.push(Buffer.from(frames.join(""))), ...reader.end()];
    const messages = parts.flatMap((part) =>
      part.kind === "event" && part.data !== undefined && part.data.toString() !== "[DONE]" ? [part.data] : [],
    );
    const heard = listen(read, messages);
    assert.deepEqual(Object.values(heard.texts), [text]);
    assert.deepEqual(heard.tools, [call.name]);
    assert.deepEqual(heard.calls, [call.arguments]);
    assert.ok(heard.over);
  });

test("Ollama: a message a line", () => {
  const lines = [
    { message: { role: "assistant", content: text.slice(0, 9) }, done: false },
    { message: { role: "assistant", content: text.slice(9), tool_calls: [{ function: call }] }, done: false },
    { message: { role: "assistant", content: "" }, done: true },
  ];
  const heard = listen(
    ollamaPieces,
    lines.map((line) => Buffer.from(JSON.stringify(line))),
  );
  assert.deepEqual(
    [Object.values(heard.texts), heard.tools, heard.calls, heard.over],
    [[text], ["look"], [call.arguments], true],
  );
});
