// Replies that are no server-sent events and no framing at all, cut anywhere: what cannot be read is the octets that came; and through the
// gateway, what is given back in a reply of a length that was told.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { crc32 } from "../src/protocol/amazon/event-stream.ts";
import { cuts } from "./conversations/written.ts";
import { placeholder, stand, token } from "./holes/stand.ts";
import { openHeld, pass } from "./restoring/passing.ts";
import { converse, frames, replies } from "./restoring/replies.ts";

const placeholders = openHeld();
const held = placeholders.of('hunter2 "quoted"\nsecond line é', "password");

const text = `I write ${held} down`;

test("any octets in any framing, cut anywhere: the same octets where they hold no call", () => {
  const piece = fc.oneof(
    fc.constantFrom("[", "]", "{", "}", '"', "\\", ",", "\n", '{"a":1}', held, "\0\0\0\x10", "é"),
    fc.constant(frames([["contentBlockDelta", { delta: { text: held } }]]).toString("latin1")),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), cuts, (pieces, places) => {
      const octets = Buffer.from(pieces.join(""), "latin1");
      for (const reply of replies)
        assert.ok(pass(reply, octets, places, placeholders).passed.equals(octets), reply.name);
    }),
    { numRuns: 1_000 },
  );
});

test("the sum is the one everybody means (ISO 3309)", () => {
  assert.equal(crc32(Buffer.from("123456789")), 0xcbf43926);
});

test("a frame whose sum does not hold is passed on as it came, and so is everything behind it", () => {
  const octets = converse.write("Write", held, text);
  for (let at = 0; at < octets.length; at += 97) {
    const broken = Buffer.from(octets);
    broken[at] = (broken[at] ?? 0) ^ 1;
    const { passed } = pass(converse, broken, [at, at + 3], placeholders);
    // up to it, what could be read may have been given back; from it on, it is what came
    assert.ok(passed.includes(broken.subarray(at)));
  }
});

const asking = (content: string) => JSON.stringify({ model: "m", messages: [{ role: "user", content }] });

for (const [target, mediaType, write] of [
  [
    "/v1/messages",
    "application/json",
    (input: unknown) => JSON.stringify({ content: [{ type: "tool_use", id: "t", name: "Write", input }] }),
  ],
  [
    "/api/chat",
    "application/x-ndjson",
    (input: unknown) =>
      `${JSON.stringify({ message: { tool_calls: [{ function: { name: "write_file", arguments: input } }] } })}\n`,
  ],
] as const)
  test(`through the gateway, with the length it was told to have: ${target}`, async () => {
    await using it = await stand({
      reply: ({ body }, response) => {
        const [marked = "none"] = placeholder.exec(String(body)) ?? [];
        const octets = Buffer.from(write({ file_path: "a.env", content: `A=${marked}\n` }));
        response.writeHead(200, { "content-type": mediaType, "content-length": octets.length });
        response.end(octets);
      },
    });
    const { head, body } = await it.send(asking(`A=${token}`), { target });
    assert.equal(body, write({ file_path: "a.env", content: `A=${token}\n` }));
    assert.doesNotMatch(head, /content-length/i);
    const [told] = await it.entries("reply");
    assert.equal(told?.counts?.["placeholders"], 1);
  });
