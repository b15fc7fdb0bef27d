// A vendor that streams: reads the whole request, answers at once with a head, and then says words, some milliseconds apart, each with
// the moment in which it was said, and calls a tool. Argument: one JSON object with port, cert and key (files).

import { readFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:https";
import { setTimeout as pause } from "node:timers/promises";

const words = 4;
const apart = 5;

const { port, cert, key } = JSON.parse(process.argv[2] ?? "") as { port: number; cert: string; key: string };

const event = (type: string, more: object): string => `event: ${type}\ndata: ${JSON.stringify({ type, ...more })}\n\n`;

const message = { id: "msg_1", type: "message", role: "assistant", model: "claude-lab", content: [] };
const begun =
  event("message_start", { message: { ...message, usage: { input_tokens: 1, output_tokens: 1 } } }) +
  event("content_block_start", { index: 0, content_block: { type: "text", text: "" } });
/** `nth`: no two calls have one identifier. */
const ended = (nth: number): string =>
  event("content_block_stop", { index: 0 }) +
  event("content_block_start", {
    index: 1,
    content_block: { type: "tool_use", id: `toolu_said_${nth}`, name: "tool_0", input: {} },
  }) +
  event("content_block_delta", { index: 1, delta: { type: "input_json_delta", partial_json: '{"path":"src/said"}' } }) +
  event("content_block_stop", { index: 1 }) +
  event("message_delta", { delta: { stop_reason: "tool_use" }, usage: { output_tokens: 8 } }) +
  event("message_stop", {});

let answered = 0;

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  for await (const _ of request);
  response.writeHead(200, { "Content-Type": "text/event-stream" });
  response.write(begun);
  for (let word = 0; word < words; word += 1) {
    await pause(apart);
    const text = `word ${process.hrtime.bigint() / 1_000n} `;
    response.write(event("content_block_delta", { index: 0, delta: { type: "text_delta", text } }));
  }
  answered += 1;
  response.end(ended(answered));
}

const server = createServer({ cert: readFileSync(cert), key: readFileSync(key) }, (request, response) => {
  answer(request, response).catch(() => response.destroy());
});
server.requestTimeout = 0;
server.keepAliveTimeout = 60_000;
server.listen(port, "127.0.0.1");
