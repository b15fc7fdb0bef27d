// A reply that is one JSON value: what it says, and its calls, each whole. Of Gemini and Ollama a part of a stream and a whole reply are
// the same thing, and read by the same reader.

import { generatePieces } from "./google/events.ts";
import type { JsonTree } from "./json/tree.ts";
import { ollamaPieces } from "./ollama/events.ts";
import { itemPieces } from "./openai/responses-events.ts";
import { each, type Piece, type ReadPieces } from "./stream/piece.ts";

/** Members that lead somewhere; `undefined` where one is missing. */
const at = (tree: JsonTree, node: number, ...names: readonly string[]): number | undefined =>
  names.reduce<number | undefined>((outer, name) => (outer === undefined ? undefined : tree.member(outer, name)), node);

function call(tree: JsonTree, made: number | undefined, name: string, ...members: readonly string[]): readonly Piece[] {
  if (made === undefined) return [];
  const tool = tree.stringIn(made, name);
  const node = members.map((member) => tree.member(made, member)).find((found) => found !== undefined);
  return node === undefined ? [] : [{ kind: "whole", block: `whole ${made}`, what: "call", node, tool }];
}

/** Anthropic's Message. */
const messageReply: ReadPieces = (tree) =>
  each(tree, 0, "content").flatMap((block) => call(tree, block, "name", "input"));

/** ChatCompletion of OpenAI and its kin. */
const chatReply: ReadPieces = (tree) =>
  each(tree, 0, "choices").flatMap((choice) => {
    const message = tree.member(choice, "message");
    const calls = message === undefined ? [] : each(tree, message, "tool_calls");
    return calls.flatMap((one) => [
      ...call(tree, tree.member(one, "function"), "name", "arguments"),
      ...call(tree, tree.member(one, "custom"), "name", "input"),
    ]);
  });

/** OpenAI's Response. */
const responseReply: ReadPieces = (tree) => each(tree, 0, "output").flatMap((item) => itemPieces(tree, item));

/** Bedrock's ConverseResponse. */
const converseReply: ReadPieces = (tree) => {
  const message = at(tree, 0, "output", "message");
  const blocks = message === undefined ? [] : each(tree, message, "content");
  return blocks.flatMap((block) => call(tree, tree.member(block, "toolUse"), "name", "input"));
};

export const replies: Readonly<Record<string, ReadPieces>> = {
  anthropic: messageReply,
  "openai-chat": chatReply,
  "openai-responses": responseReply,
  gemini: generatePieces,
  bedrock: converseReply,
  ollama: ollamaPieces,
};
