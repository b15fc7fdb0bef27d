// Bodies of one conversation, read one after another: each begins as the one before, so only what has grown is read, and the spans of
// the rest are the very same ones. Nothing else is remembered than the last body of each conversation.

import { commonLength } from "./json/alike.ts";
import { type JsonRead, readJson, readOn } from "./json/reader.ts";
import type { JsonTree } from "./json/tree.ts";
import { type At, type Shape, Walk } from "./shape/walk.ts";

/** How a body is to be walked. */
export interface Start {
  readonly shape: Shape;
  readonly at: At;
}

export interface Conversation {
  /** The body, which nobody may change from here on → what it says; a fault where it is no JSON. */
  readonly read: (bytes: Buffer, startOf: (tree: JsonTree) => Start) => Walk | Exclude<JsonRead, { kind: "json" }>;
  /** Does this body begin as the last one, for most of it? Octets that are the same; 0: it is another conversation. */
  readonly alike: (bytes: Buffer) => number;
}

/** Octets: a longer body is read, and not kept. */
const longest = 8_000_000;

export function openConversation(): Conversation {
  let last: { readonly walk: Walk; readonly start: Start } | undefined;
  /** Of the last body that was asked about. */
  let compared: { readonly bytes: Buffer; readonly common: number } | undefined;
  const commonWith = (before: Buffer, bytes: Buffer): number => {
    if (compared?.bytes !== bytes) compared = { bytes, common: commonLength(before, bytes) };
    return compared.common;
  };
  return {
    read: (bytes, startOf) => {
      const before = last?.walk.tree;
      const common = before === undefined ? 0 : commonWith(before.bytes, bytes);
      const done = before === undefined ? readJson(bytes) : readOn(bytes, before, common);
      if (done.kind !== "json") return done;
      const start = startOf(done.tree);
      const isSame = last?.start.shape === start.shape && last.start.at.role === start.at.role;
      const walk = new Walk(done.tree, isSame ? last?.walk : undefined, common);
      last = undefined;
      start.shape(walk, 0, start.at);
      last = bytes.length > longest ? undefined : { walk, start };
      compared = undefined;
      return walk;
    },
    alike: (bytes) => {
      const before = last?.walk.tree.bytes;
      if (before === undefined) return 0;
      const common = commonWith(before, bytes);
      return common * 2 >= before.length ? common : 0;
    },
  };
}
