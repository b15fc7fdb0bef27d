// Takes some hunks of one file's change back and leaves the others: numbered as a review of the session shows them. Enters:
// two undo points and a path; what a person changed in the file since stays, or the hunk is a conflict.

import { Fault } from "../domain/fault.ts";
import { Blobs } from "./blobs.ts";
import { type Change, changesBetween } from "./changes.ts";
import type { ReviewFault } from "./git.ts";
import { keepBlob } from "./keep-blob.ts";
import { differencesOf } from "./landing/differences.ts";
import { effectsOf } from "./landing/effects.ts";
import { applyHunks, reversed } from "./landing/hunks.ts";
import type { Version } from "./landing/three-way.ts";
import { type ObjectStore, placeOf } from "./object-store.ts";
import { putBack, remove } from "./put-back.ts";
import type { UndoPoint } from "./undo-point.ts";

export interface HunkRequest {
  readonly before: UndoPoint;
  readonly after: UndoPoint;
  readonly path: string;
  /** From 1. */
  readonly numbers: readonly number[];
}

export type HunksUndone = { readonly kind: "undone" | "already" } | { readonly kind: "refused"; readonly why: string };

const refuse = (why: string): HunksUndone => ({ kind: "refused", why });

export async function undoHunks(store: ObjectStore, request: HunkRequest): Promise<HunksUndone | ReviewFault> {
  const { path } = request;
  const changes = await changesBetween(store, request.before, request.after);
  if (changes instanceof Fault) return changes;
  const change = changes.find((each) => each.path === path);
  if (change === undefined) return refuse("the session did not change it");
  const wanted = await without(store, change, request.numbers);
  if (wanted instanceof Fault || "why" in wanted) return wanted;
  const wish = { id: path, root: store.workspace, path, base: change.after, theirs: wanted.version, apart: undefined };
  const outcomes = await effectsOf(store, [wish]);
  if (outcomes instanceof Fault) return outcomes;
  const [effect] = outcomes;
  if (effect === undefined) return { kind: "already" };
  if (effect.kind === "conflict") return refuse(effect.why);
  await using blobs = new Blobs(store);
  const content = effect.after === undefined ? undefined : await blobs.read(effect.after.object);
  const why =
    effect.after === undefined
      ? remove(store.workspace, path)
      : putBack(store.workspace, path, { side: effect.after, content });
  return why === undefined ? { kind: "undone" } : refuse(why);
}

type Wanted = { readonly version: Version | undefined } | Extract<HunksUndone, { kind: "refused" }> | ReviewFault;

/** The file as the session left it, without these. */
async function without(store: ObjectStore, change: Change, numbers: readonly number[]): Promise<Wanted> {
  const { before, after, path } = change;
  const differences = await differencesOf(placeOf(store), [{ before: before?.object, after: after?.object }]);
  if (differences instanceof Fault) return differences;
  const [difference] = differences;
  const no = (why: string) => ({ kind: "refused" as const, why });
  if (difference?.kind !== "hunks" || before?.kind === "symlink" || after?.kind === "symlink")
    return no("it has no hunks that could be told apart");
  const hunks = numbers.map((number) => difference.hunks[number - 1]).filter((hunk) => hunk !== undefined);
  if (hunks.length !== numbers.length) return no(`it has hunks 1 to ${difference.hunks.length}`);
  if (hunks.length === difference.hunks.length) return { version: before };
  await using blobs = new Blobs(store);
  const content = after === undefined ? Buffer.alloc(0) : await blobs.read(after.object);
  const text = content && applyHunks(content.toString("latin1"), reversed(hunks));
  if (text === undefined) return new Fault({ code: "store", message: `the store has lost ${path}` });
  const object = await keepBlob(store, Buffer.from(text, "latin1"));
  const mode = after?.mode ?? before?.mode ?? 0o644;
  return object instanceof Fault ? object : { version: { kind: "file", object, mode } };
}
