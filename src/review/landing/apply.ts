// Takes a landing to its end, from wherever it stands: each step looks at what is there, does nothing where it is done,
// and says where something is there that is neither what was to be replaced nor what replaces it. Enters: a journal of
// ours; the checkout is the person's, its paths are walked without following a link.

import { rmdirSync } from "node:fs";
import { Blobs } from "../blobs.ts";
import { standAt } from "../foothold.ts";
import { matches, sideNow } from "../path-state.ts";
import { makeEmpty, putBack, remove } from "../put-back.ts";
import { type StagedCopy, storeOf } from "../staged/record.ts";
import type { Journal } from "./journal.ts";
import type { FileOperation } from "./plan.ts";
import { applyRepository } from "./repository-steps.ts";

/** Undefined: done. Otherwise what is in the way, in words. */
export async function applyJournal(
  copy: StagedCopy,
  journal: Journal,
  resumedFrom: number | undefined,
): Promise<string | undefined> {
  const back = journal.direction === "back";
  const stuck = await (back ? takeBack(copy, journal) : takeOn(copy, journal));
  if (stuck !== undefined) return stuck;
  for (const repository of journal.repositories) {
    const held = await applyRepository(copy.workspace, repository, { back, resumedFrom });
    if (held !== undefined) return held;
  }
  return undefined;
}

async function takeOn(copy: StagedCopy, { files, made, emptied }: Journal): Promise<string | undefined> {
  await using blobs = new Blobs(storeOf(copy));
  const step = (operation: FileOperation) => applyFile(blobs, operation, "stop");
  const stuck = await first(
    files.filter(({ after }) => after === undefined),
    step,
  );
  if (stuck !== undefined) return stuck;
  for (const path of emptied) removeEmpty(copy.workspace, path);
  for (const path of made) makeEmpty(copy.workspace, path);
  return await first(
    files.filter(({ after }) => after !== undefined),
    step,
  );
}

/** What somebody changed meanwhile is theirs and stays. */
async function takeBack(copy: StagedCopy, { files, made, emptied }: Journal): Promise<string | undefined> {
  await using blobs = new Blobs(storeOf(copy));
  const turned = files.map((each) => ({ ...each, before: each.after, after: each.before }));
  const step = (operation: FileOperation) => applyFile(blobs, operation, "pass");
  const stuck = await first(turned.filter(({ after }) => after === undefined).toReversed(), step);
  if (stuck !== undefined) return stuck;
  for (const path of made.toReversed()) removeEmpty(copy.workspace, path);
  for (const path of emptied.toReversed()) makeEmpty(copy.workspace, path);
  return await first(
    turned.filter(({ after }) => after !== undefined),
    step,
  );
}

async function first(
  operations: readonly FileOperation[],
  step: (operation: FileOperation) => Promise<string | undefined>,
): Promise<string | undefined> {
  for (const operation of operations) {
    const stuck = await step(operation);
    if (stuck !== undefined) return `${operation.path}: ${stuck}`;
  }
  return undefined;
}

async function applyFile(
  blobs: Blobs,
  { root, path, before, after }: FileOperation,
  other: "stop" | "pass",
): Promise<string | undefined> {
  const now = sideNow(root, path);
  if (matches(now, after)) return undefined;
  if (!matches(now, before)) return other === "pass" ? undefined : "it changed in the checkout meanwhile";
  if (after === undefined) return remove(root, path);
  const content =
    before?.object === after.object && before.kind === after.kind ? undefined : await blobs.read(after.object);
  if (content === undefined && before?.object !== after.object) return "the store has lost its content";
  return putBack(root, path, { side: after, content });
}

/** rmdir(2) refuses a directory that holds something, which is what is wanted. */
function removeEmpty(root: string, path: string): void {
  using stand = standAt(root, path);
  try {
    if (stand !== undefined) rmdirSync(stand.directory.at(stand.name));
  } catch {
    // not empty, or gone
  }
}
