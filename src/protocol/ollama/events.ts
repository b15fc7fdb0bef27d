// Ollama's own interface, streamed replies: a message a line (ollama 0.6.4, ChatResponse, GenerateResponse); calls come whole.

import { type JsonTree, kind } from "../json/tree.ts";
import { type BlockKind, each, type Piece, type ReadPieces } from "../stream/piece.ts";

export const ollamaPieces: ReadPieces = (tree) => {
  const message = tree.member(0, "message") ?? 0;
  const done = tree.member(0, "done");
  return [
    ...more(tree, tree.member(message, "content") ?? tree.member(0, "response"), "text"),
    ...more(tree, tree.member(message, "thinking"), "thought"),
    ...each(tree, message, "tool_calls").flatMap((call, at) => ofCall(tree, call, at)),
    ...(done !== undefined && tree.bytes[tree.fromOf(done)] === 0x74 ? [{ kind: "over" } as const] : []),
  ];
};

function more(tree: JsonTree, node: number | undefined, what: BlockKind): readonly Piece[] {
  if (node === undefined || tree.kindOf(node) !== kind.string) return [];
  return [{ kind: "more", block: what, what, place: tree.placeOf(node) }];
}

function ofCall(tree: JsonTree, call: number, at: number): readonly Piece[] {
  const made = tree.member(call, "function");
  const node = made === undefined ? undefined : tree.member(made, "arguments");
  if (made === undefined || node === undefined) return [];
  const [id, tool] = [tree.stringIn(call, "id"), tree.stringIn(made, "name")];
  return [{ kind: "whole", block: `call ${at}`, what: "call", node, call: id, tool }];
}
