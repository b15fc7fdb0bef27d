// OpenAI Chat Completions, streamed replies: `choices[].delta` (openai 6.49.0, ChatCompletionChunk). Blocks have no beginning of
// their own: a choice's text is one, and each call by its index.

import { type JsonTree, kind } from "../json/tree.ts";
import { type BlockKind, each, indexOf, type Piece, type ReadPieces } from "../stream/piece.ts";

const texts: readonly (readonly [member: string, what: BlockKind])[] = [
  ["content", "text"],
  ["refusal", "text"],
  ["reasoning_content", "thought"],
  ["reasoning", "thought"],
];

export const chatPieces: ReadPieces = (tree) => each(tree, 0, "choices").flatMap((choice) => ofChoice(tree, choice));

function ofChoice(tree: JsonTree, choice: number): readonly Piece[] {
  const index = indexOf(tree, choice, "index");
  const delta = tree.member(choice, "delta");
  const pieces: Piece[] = [];
  if (delta !== undefined) {
    for (const [member, what] of texts)
      pieces.push(...more(tree, tree.member(delta, member), `${index} ${member}`, what));
    for (const call of each(tree, delta, "tool_calls")) pieces.push(...ofCall(tree, call, index));
  }
  const reason = tree.member(choice, "finish_reason");
  if (reason !== undefined && tree.kindOf(reason) === kind.string) pieces.push({ kind: "over" });
  return pieces;
}

function ofCall(tree: JsonTree, call: number, choice: string): readonly Piece[] {
  const block = `${choice} call ${indexOf(tree, call, "index")}`;
  const made = tree.member(call, "function") ?? tree.member(call, "custom");
  const [id, tool] = [tree.stringIn(call, "id"), made === undefined ? undefined : tree.stringIn(made, "name")];
  const begins = id !== undefined || tool !== undefined;
  const argument = made === undefined ? undefined : (tree.member(made, "arguments") ?? tree.member(made, "input"));
  return [
    ...(begins ? [{ kind: "begin", block, what: "call", call: id, tool } as const] : []),
    ...more(tree, argument, block, "call"),
  ];
}

function more(tree: JsonTree, node: number | undefined, block: string, what: BlockKind): readonly Piece[] {
  if (node === undefined || tree.kindOf(node) !== kind.string) return [];
  return [{ kind: "more", block, what, place: tree.placeOf(node) }];
}
