// What one message of a streamed reply says: beginnings and ends of blocks, and pieces of what is said in them. A block is one text,
// one thought or one call; its pieces come one by one, and only together are they what is said.

import type { SpanPlace } from "../../domain/span.ts";
import type { JsonTree } from "../json/tree.ts";

export type BlockKind = "text" | "thought" | "call" | "opaque";

export type Piece =
  | {
      readonly kind: "begin";
      readonly block: string;
      readonly what: BlockKind;
      /** Of a call. */
      readonly call?: string | undefined;
      readonly tool?: string | undefined;
    }
  /** More of a block: where in the message's octets its string stands. */
  | { readonly kind: "more"; readonly block: string; readonly what: BlockKind; readonly place: SpanPlace }
  /** All of a block again, or at once: a string, or JSON for the arguments of a call. */
  | {
      readonly kind: "whole";
      readonly block: string;
      readonly what: BlockKind;
      readonly node: number;
      readonly call?: string | undefined;
      readonly tool?: string | undefined;
    }
  | { readonly kind: "end"; readonly block: string }
  /** Nothing more comes. */
  | { readonly kind: "over" };

/** A message of the reply, read → its pieces in order. What it does not know it says nothing of: it is looked at as a whole. */
export type ReadPieces = (tree: JsonTree, type: string) => readonly Piece[];

/** Nodes of the array or object that this member holds; none where it holds no such thing. */
export function each(tree: JsonTree, node: number, name: string): readonly number[] {
  const member = tree.member(node, name);
  return member === undefined ? [] : [...tree.below(member)];
}

/** Digits of a number, as text: an index. */
export function indexOf(tree: JsonTree, node: number, name: string): string {
  const member = tree.member(node, name);
  return member === undefined ? "" : tree.bytes.toString("latin1", tree.fromOf(member), tree.toOf(member)).slice(0, 20);
}
