// Bedrock Converse, streamed replies: `contentBlockStart`, `Delta`, `Stop` by index, named by the frame's event type
// (@aws-sdk/client-bedrock-runtime, ConverseStreamOutput).

import { type JsonTree, kind } from "../json/tree.ts";
import { type BlockKind, indexOf, type Piece, type ReadPieces } from "../stream/piece.ts";

export const conversePieces: ReadPieces = (tree, type) => {
  const block = indexOf(tree, 0, "contentBlockIndex");
  if (type === "contentBlockStart") return begun(tree, block);
  if (type === "contentBlockDelta") return more(tree, block);
  if (type === "contentBlockStop") return [{ kind: "end", block }];
  return type === "messageStop" ? [{ kind: "over" }] : [];
};

function begun(tree: JsonTree, block: string): readonly Piece[] {
  const start = tree.member(0, "start");
  const made = start === undefined ? undefined : tree.member(start, "toolUse");
  if (made === undefined) return [{ kind: "begin", block, what: "text" }];
  const [call, tool] = [tree.stringIn(made, "toolUseId"), tree.stringIn(made, "name")];
  return [{ kind: "begin", block, what: "call", call, tool }];
}

function more(tree: JsonTree, block: string): readonly Piece[] {
  const delta = tree.member(0, "delta");
  if (delta === undefined) return [];
  const within = (name: string, member: string, what: BlockKind) => {
    const outer = tree.member(delta, name);
    const node = outer === undefined ? undefined : tree.member(outer, member);
    return node === undefined ? [] : [{ node, what }];
  };
  const text = tree.member(delta, "text");
  const found = [
    ...(text === undefined ? [] : [{ node: text, what: "text" as const }]),
    ...within("toolUse", "input", "call"),
    ...within("reasoningContent", "text", "thought"),
  ];
  return found
    .filter(({ node }) => tree.kindOf(node) === kind.string)
    .map(({ node, what }) => ({ kind: "more", block, what, place: tree.placeOf(node) }));
}
