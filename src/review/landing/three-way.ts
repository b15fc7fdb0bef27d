// What becomes of one path: as it was at the start, as it is in the checkout, as the session left it. Pure, by kinds, names
// of contents and permissions; whether two contents can be joined is for whoever holds them.

import type { Side } from "../changes.ts";

export type Version = Pick<Side, "kind" | "object" | "mode">;

export type Decision =
  /** The checkout has it already, or the session changed nothing. */
  | { readonly kind: "none" }
  /** The checkout is to have what the session made of it; undefined: it goes. */
  | { readonly kind: "take"; readonly after: Version | undefined }
  /** Both changed the content: to be joined line by line, under these permissions. */
  | { readonly kind: "join"; readonly mode: number }
  | { readonly kind: "conflict"; readonly why: string };

export interface Sides {
  readonly base: Version | undefined;
  readonly ours: Version | undefined;
  readonly theirs: Version | undefined;
}

export function decide({ base, ours, theirs }: Sides): Decision {
  if (same(theirs, base) || same(ours, theirs)) return { kind: "none" };
  if (same(ours, base)) return { kind: "take", after: theirs };
  if (base === undefined) return conflict("both added it");
  if (ours === undefined) return conflict("it was deleted in the checkout");
  if (theirs === undefined) return conflict("the session deleted what changed in the checkout");
  if ([base, ours, theirs].some(({ kind }) => kind !== "file")) return conflict("both changed what it is");
  const mode = choose(base.mode, ours.mode, theirs.mode);
  if (mode === undefined) return conflict("both changed its permissions");
  const object = choose(base.object, ours.object, theirs.object);
  return object === undefined ? { kind: "join", mode } : { kind: "take", after: { kind: "file", object, mode } };
}

const conflict = (why: string): Decision => ({ kind: "conflict", why });

/** The one that changed; undefined where both did, and not to the same. */
function choose<Value>(base: Value, ours: Value, theirs: Value): Value | undefined {
  if (ours === base || ours === theirs) return theirs;
  return theirs === base ? ours : undefined;
}

export function same(left: Version | undefined, right: Version | undefined): boolean {
  if (left === undefined || right === undefined) return left === right;
  return left.kind === right.kind && left.object === right.object && left.mode === right.mode;
}
