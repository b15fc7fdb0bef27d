// Gemini, streamed replies: each message is a whole answer's next part (@google/genai 2.32.0, GenerateContentResponse); calls come
// whole. At `v1internal` the same lies within `response`.

import { type JsonTree, kind } from "../json/tree.ts";
import { each, indexOf, type Piece, type ReadPieces } from "../stream/piece.ts";

export const generatePieces: ReadPieces = (tree) => {
  const top = tree.member(0, "response") ?? 0;
  return each(tree, top, "candidates").flatMap((candidate) => {
    const content = tree.member(candidate, "content");
    const index = indexOf(tree, candidate, "index");
    const parts = content === undefined ? [] : each(tree, content, "parts");
    const reason = tree.member(candidate, "finishReason");
    return [...parts.flatMap((part) => ofPart(tree, part, index)), ...(reason === undefined ? [] : [over])];
  });
};

const over: Piece = { kind: "over" };

function ofPart(tree: JsonTree, part: number, index: string): readonly Piece[] {
  const text = tree.member(part, "text");
  const thought = tree.member(part, "thought");
  if (text !== undefined && tree.kindOf(text) === kind.string) {
    const what = thought !== undefined && tree.bytes[tree.fromOf(thought)] === 0x74 ? "thought" : "text";
    return [{ kind: "more", block: `${index} ${what}`, what, place: tree.placeOf(text) }];
  }
  const made = tree.member(part, "functionCall");
  const node = made === undefined ? undefined : tree.member(made, "args");
  if (made === undefined || node === undefined) return [];
  const [call, tool] = [tree.stringIn(made, "id"), tree.stringIn(made, "name")];
  return [{ kind: "whole", block: `${index} call ${call ?? tool}`, what: "call", node, call, tool }];
}
