// Anthropic Messages, streamed replies: `content_block_start`, `_delta`, `_stop` by index (@anthropic-ai/sdk 1.10.0,
// RawMessageStreamEvent).

import { type JsonTree, kind } from "../json/tree.ts";
import { type BlockKind, indexOf, type Piece, type ReadPieces } from "../stream/piece.ts";

/** The member of each delta that holds what is said, by the delta's type. */
const deltas: Readonly<Record<string, readonly [member: string, what: BlockKind]>> = {
  text_delta: ["text", "text"],
  input_json_delta: ["partial_json", "call"],
  thinking_delta: ["thinking", "thought"],
  signature_delta: ["signature", "opaque"],
};

const blocks: Readonly<Record<string, BlockKind>> = {
  text: "text",
  thinking: "thought",
  redacted_thinking: "opaque",
  tool_use: "call",
  server_tool_use: "call",
  mcp_tool_use: "call",
};

export const messagesPieces: ReadPieces = (tree) => {
  const block = indexOf(tree, 0, "index");
  const type = tree.stringIn(0, "type");
  if (type === "content_block_start") return begun(tree, block);
  if (type === "content_block_delta") return more(tree, block);
  if (type === "content_block_stop") return [{ kind: "end", block }];
  return type === "message_stop" ? [{ kind: "over" }] : [];
};

function begun(tree: JsonTree, block: string): readonly Piece[] {
  const begins = tree.member(0, "content_block");
  if (begins === undefined) return [];
  const what = blocks[tree.stringIn(begins, "type") ?? ""] ?? "opaque";
  return [{ kind: "begin", block, what, call: tree.stringIn(begins, "id"), tool: tree.stringIn(begins, "name") }];
}

function more(tree: JsonTree, block: string): readonly Piece[] {
  const delta = tree.member(0, "delta");
  const [member = "", what] = delta === undefined ? [] : (deltas[tree.stringIn(delta, "type") ?? ""] ?? []);
  const node = delta === undefined ? undefined : tree.member(delta, member);
  if (node === undefined || what === undefined || tree.kindOf(node) !== kind.string) return [];
  return [{ kind: "more", block, what, place: tree.placeOf(node) }];
}
