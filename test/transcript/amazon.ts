// Bedrock's event streams, as its service writes them: frames with their sums, Converse's own events and a model maker's within.

import { crc32 } from "node:zlib";
import { anthropic, anthropicEvents, type Block, json, pieces, type Sent, sent, told, type Wire } from "./wire.ts";

const converseBlock = (block: Block): object =>
  block.kind === "text"
    ? { text: block.text }
    : block.kind === "thought"
      ? { reasoningContent: { reasoningText: { text: block.text, signature: "c2ln" } } }
      : { toolUse: { toolUseId: block.id, name: block.name, input: block.args } };

/** A frame of Amazon's: [length][headers' length][their sum][headers][payload][sum of all]. */
function frame([type, payload]: readonly [string, object]): Buffer {
  const [name, value] = [Buffer.from(":event-type"), Buffer.from(type)];
  const head = Buffer.concat([Buffer.of(name.length), name, Buffer.of(7, 0, value.length), value]);
  const prelude = Buffer.alloc(12);
  const body = Buffer.from(json(payload));
  prelude.writeUInt32BE(16 + head.length + body.length, 0);
  prelude.writeUInt32BE(head.length, 4);
  prelude.writeUInt32BE(crc32(prelude.subarray(0, 8)), 8);
  const all = Buffer.concat([prelude, head, body, Buffer.alloc(4)]);
  all.writeUInt32BE(crc32(all.subarray(0, -4)), all.length - 4);
  return all;
}

const eventStream = (octets: Buffer): Sent => ({
  mediaType: "application/vnd.amazon.eventstream",
  coding: "",
  octets,
});

function converseFrames(blocks: readonly Block[], isOver: boolean): Buffer {
  const events = blocks.flatMap((block, contentBlockIndex): readonly (readonly [string, object])[] => {
    const delta = (one: object) => ["contentBlockDelta", { contentBlockIndex, delta: one }] as const;
    const end = ["contentBlockStop", { contentBlockIndex }] as const;
    if (block.kind === "thought")
      return [...pieces(block.text).map((text) => delta({ reasoningContent: { text } })), end];
    if (block.kind === "text") return [...pieces(block.text).map((text) => delta({ text })), end];
    const start = { toolUse: { toolUseId: block.id, name: block.name } };
    return [
      ["contentBlockStart", { contentBlockIndex, start }],
      ...pieces(json(block.args)).map((input) => delta({ toolUse: { input } })),
      end,
    ];
  });
  const [first, last] = [
    ["messageStart", { role: "assistant" }],
    ["messageStop", { stopReason: "end_turn" }],
  ] as const;
  return Buffer.concat([first, ...events, ...(isOver ? [last] : [])].map(frame));
}

export const bedrock: Wire = {
  name: "Bedrock Converse",
  form: "request",
  target: "/model/m/converse-stream",
  request: (entries) => ({
    messages: told(entries, {
      person: (text) => [{ role: "user", content: [{ text }] }],
      model: (blocks) => [{ role: "assistant", content: blocks.map(converseBlock) }],
      results: (results) => [
        {
          role: "user",
          content: results.map(({ id }) => ({ toolResult: { toolUseId: id, content: [{ text: "ok" }] } })),
        },
      ],
    }),
  }),
  replies: [
    (blocks) => ({
      ...eventStream(converseFrames(blocks, true)),
      unended: eventStream(converseFrames(blocks, false)),
    }),
    (blocks) =>
      sent(
        "application/json",
        json({ output: { message: { role: "assistant", content: blocks.map(converseBlock) } } }),
      ),
  ],
};

const chunk = (event: object): Buffer => frame(["chunk", { bytes: Buffer.from(json(event)).toString("base64") }]);

export const claudeAtBedrock: Wire = {
  ...anthropic,
  name: "Anthropic Messages at Bedrock",
  target: "/model/anthropic.m/invoke-with-response-stream",
  replies: [
    (blocks) => {
      const chunks = anthropicEvents(blocks).map(chunk);
      return {
        ...eventStream(Buffer.concat(chunks)),
        unended: eventStream(Buffer.concat(chunks.slice(0, -1))),
      };
    },
  ],
};
