// OpenAI Responses, streamed replies over SSE and WebSocket (openai 6.49.0, ResponseStreamEvent). The same text comes four times: in
// pieces, as the whole of its part, in its item, and in the finished response.

import { type JsonTree, kind } from "../json/tree.ts";
import { type BlockKind, each, indexOf, type Piece, type ReadPieces } from "../stream/piece.ts";

/** Of an event's type without `response.` and without `.delta`, `.done`: what is said in it. */
const said: Readonly<Record<string, BlockKind>> = {
  output_text: "text",
  refusal: "text",
  reasoning_text: "thought",
  reasoning_summary_text: "thought",
  function_call_arguments: "call",
  custom_tool_call_input: "call",
  mcp_call_arguments: "call",
  code_interpreter_call_code: "call",
};

/** Members that hold a whole of that, in its `.done` event. */
const wholes = ["text", "refusal", "arguments", "input", "code"];

export const responsesPieces: ReadPieces = (tree) => {
  const type = tree.stringIn(0, "type") ?? "";
  const [, name = "", ending] = /^response\.(.+)\.(delta|done)$/.exec(type) ?? [];
  const what = said[name];
  if (what !== undefined) return ending === "delta" ? ofDelta(tree, what) : ofDone(tree, what);
  const item = tree.member(0, "item");
  if (type === "response.output_item.added" && item !== undefined) return begun(tree, item);
  if (type === "response.output_item.done" && item !== undefined) return itemPieces(tree, item);
  const response = tree.member(0, "response");
  if (!/^response\.(?:completed|incomplete|failed)$/.test(type)) return [];
  const items = response === undefined ? [] : each(tree, response, "output");
  return [...items.flatMap((each) => itemPieces(tree, each)), { kind: "over" }];
};

/** An item's texts by their place in it; its call by itself. */
function blockOf(tree: JsonTree, what: BlockKind): string {
  const id = tree.stringIn(0, "item_id") ?? indexOf(tree, 0, "output_index");
  const part = what === "call" ? "" : ` ${indexOf(tree, 0, "content_index") || indexOf(tree, 0, "summary_index")}`;
  return `${id} ${what}${part}`;
}

function ofDelta(tree: JsonTree, what: BlockKind): readonly Piece[] {
  const node = tree.member(0, "delta");
  if (node === undefined || tree.kindOf(node) !== kind.string) return [];
  return [{ kind: "more", block: blockOf(tree, what), what, place: tree.placeOf(node) }];
}

function ofDone(tree: JsonTree, what: BlockKind): readonly Piece[] {
  const block = blockOf(tree, what);
  const node = wholes.map((name) => tree.member(0, name)).find((found) => found !== undefined);
  const whole = node === undefined ? [] : [{ kind: "whole", block, what, node } as const];
  return [...whole, { kind: "end", block }];
}

const isCall = (type: string): boolean => /(?:_call|^program)$/.test(type);

function begun(tree: JsonTree, item: number): readonly Piece[] {
  const type = tree.stringIn(item, "type") ?? "";
  if (!isCall(type)) return [];
  const block = `${tree.stringIn(item, "id") ?? indexOf(tree, 0, "output_index")} call`;
  return [{ kind: "begin", block, what: "call", call: tree.stringIn(item, "call_id"), tool: toolOf(tree, item, type) }];
}

/** The vendor's own tools are named by the item's kind: it is no other item's call. */
const toolOf = (tree: JsonTree, item: number, type: string): string => tree.stringIn(item, "name") ?? type;

/** An item of its output, whole. */
export function itemPieces(tree: JsonTree, item: number): readonly Piece[] {
  const id = tree.stringIn(item, "id") ?? "";
  const type = tree.stringIn(item, "type") ?? "";
  if (isCall(type)) {
    const node = ["arguments", "input", "code", "action", "operation"]
      .map((name) => tree.member(item, name))
      .find((found) => found !== undefined);
    const [call, tool] = [tree.stringIn(item, "call_id"), toolOf(tree, item, type)];
    return node === undefined ? [] : [{ kind: "whole", block: `${id} call`, what: "call", node, call, tool }];
  }
  return [...each(tree, item, "content"), ...each(tree, item, "summary")].flatMap((part, at) => {
    const node = tree.member(part, "text") ?? tree.member(part, "refusal");
    const what = type === "reasoning" ? "thought" : "text";
    return node === undefined ? [] : [{ kind: "whole", block: `${id} ${what} ${at}`, what, node } as const];
  });
}
