// Takes a session's changes back: every changed path is put to what it was, one rename each. Enters: changes between two
// undo points; the workspace is *attacker-controlled*, so each path is walked without following a link. A path that is
// neither as the session left it nor as it was before is a conflict, and so is a branch: then nothing is touched, unless
// asked for the rest. Calling it again after an interruption goes on where it stopped.

import { rmdirSync } from "node:fs";
import { Fault } from "../domain/fault.ts";
import { Blobs } from "./blobs.ts";
import { type Change, changesBetween } from "./changes.ts";
import { standAt } from "./foothold.ts";
import { type ReviewFault, runGit } from "./git.ts";
import { statLink } from "./leaf.ts";
import { type ObjectStore, placeOf } from "./object-store.ts";
import { type Standing, stateOf } from "./path-state.ts";
import { makeEmpty, putBack, remove } from "./put-back.ts";
import { type HistoryPlan, planHistories, restoreHistories } from "./undo-histories.ts";
import type { UndoPoint } from "./undo-point.ts";

export interface UndoRequest {
  readonly before: UndoPoint;
  readonly after: UndoPoint;
  /** Only these, each with what lies below; undefined: everything, branches, heads and indexes too. */
  readonly paths?: readonly string[];
  /** Left alone where they are not named themselves: hidden or masked, so that they may be somebody else's. */
  readonly veiled?: readonly string[];
  /** With conflicts, undo the rest all the same. */
  readonly rest?: boolean;
}

export interface Undone {
  /** Given their old content, permissions or kind back. */
  readonly restored: readonly string[];
  /** New in the session, gone now. */
  readonly removed: readonly string[];
  /** Were already as before. */
  readonly already: readonly string[];
  /** References, heads and indexes that stand where they stood. */
  readonly moved: readonly string[];
  /** What was there before and cannot be put back, in words. */
  readonly lost: readonly string[];
  /** Changed after the session ended: left alone. */
  readonly conflicts: readonly string[];
  /** Could not be written, with the reason. */
  readonly failed: readonly { readonly path: string; readonly why: string }[];
  /** False where conflicts kept everything as it was. */
  readonly done: boolean;
}

export async function undo(store: ObjectStore, request: UndoRequest): Promise<Undone | ReviewFault> {
  const all = await changesBetween(store, request.before, request.after);
  if (all instanceof Fault) return all;
  const veiled = new Set(request.veiled?.filter((path) => request.paths?.includes(path) !== true));
  const wanted = all.filter(({ path }) => isWanted(path, request.paths) && !veiled.has(path));
  const states = wanted.map((change) => ({ change, state: stateOf(store.workspace, change) }));
  const pick = (state: Standing) => states.filter((each) => each.state === state).map((each) => each.change);
  const histories = request.paths === undefined ? await planHistories(store, request) : nothing;
  const conflicts = [...pick("other").map((change) => change.path), ...histories.conflicts];
  const already = pick("before").map((change) => change.path);
  const left = all.filter(({ path }) => isWanted(path, request.paths) && veiled.has(path));
  const lost = [...histories.lost, ...lostFiles(store.workspace, request), ...left.map(sayVeiled)];
  if (conflicts.length > 0 && request.rest !== true) {
    return { restored: [], removed: [], already, moved: [], lost, conflicts, failed: [], done: false };
  }
  const written = await write(store, pick("after"));
  await tidy(store, request, wanted);
  const stuck = await restoreHistories(store, histories);
  const moved = stuck.length > 0 ? [] : histories.operations.flatMap(({ names }) => names);
  const failed = [...written.failed, ...stuck.map((why) => ({ path: "branches", why }))];
  return { ...written, failed, already, moved, lost, conflicts, done: true };
}

const sayVeiled = ({ path }: Change): string =>
  `${path}: hidden or masked inside, so that it may be somebody's outside, or a name the tool made; postern undo PATH takes it back all the same`;

const nothing: HistoryPlan = { operations: [], conflicts: [], lost: [] };

/** What was there and never kept: ignored directories, files too large. */
function lostFiles(workspace: string, { before, paths }: UndoRequest): readonly string[] {
  const gone = (path: string) => isWanted(path, paths) && statLink(`${workspace}/${path}`) === undefined;
  const directories = before.ignored.map((path) => path.replace(/\/$/, "")).filter(gone);
  const files = before.uncaptured.filter(({ path }) => gone(path));
  return [
    ...directories.map((path) => `${path}: an ignored directory, which is not kept`),
    ...files.map(({ path, why }) => `${path}: was not kept, ${why}`),
  ];
}

type Written = Pick<Undone, "restored" | "removed" | "failed">;

/** Removals first and deepest first, so that a directory gives way to the file it replaced. */
async function write(store: ObjectStore, changes: readonly Change[]): Promise<Written> {
  const removed: string[] = [];
  const restored: string[] = [];
  const failed: { path: string; why: string }[] = [];
  for (const { path } of changes.filter((each) => each.before === undefined).toReversed()) {
    const why = remove(store.workspace, path);
    if (why === undefined) removed.push(path);
    else failed.push({ path, why });
  }
  clearParents(store.workspace, removed, new Set());
  await using blobs = new Blobs(store);
  for (const { path, before, change } of changes) {
    if (before === undefined) continue;
    const content = change === "mode" ? undefined : await blobs.read(before.object);
    const why =
      change !== "mode" && content === undefined
        ? "the store has lost it"
        : putBack(store.workspace, path, { side: before, content });
    if (why === undefined) restored.push(path);
    else failed.push({ path, why });
  }
  return { restored, removed, failed };
}

/** Directories the session made go when they are empty; those that were there, empty or not, come back. */
async function tidy(store: ObjectStore, request: UndoRequest, changes: readonly Change[]): Promise<void> {
  const { before } = request;
  for (const path of before.empty.filter((each) => isWanted(each, request.paths))) makeEmpty(store.workspace, path);
  const fresh = request.after.empty.filter((path) => isWanted(path, request.paths));
  const gone = [
    ...changes.filter((each) => each.before === undefined).map((each) => each.path),
    ...fresh.map((each) => `${each}/.`),
  ];
  if (gone.length === 0) return;
  const kept = await directoriesOf(store, before);
  if (kept !== undefined) clearParents(store.workspace, gone, kept);
}

async function directoriesOf(store: ObjectStore, point: UndoPoint): Promise<ReadonlySet<string> | undefined> {
  const output = await runGit({
    place: placeOf(store),
    arguments: ["ls-tree", "-r", "-d", "-z", "--name-only", "--full-tree", point.tree],
  });
  if (output instanceof Fault) return undefined;
  const kept = new Set(output.toString().split("\0"));
  for (const path of point.empty) for (const each of [path, ...parentsOf(path)]) kept.add(each);
  return kept;
}

function clearParents(workspace: string, paths: readonly string[], kept: ReadonlySet<string>): void {
  const parents = new Set(paths.flatMap(parentsOf));
  for (const parent of [...parents].sort((left, right) => right.length - left.length)) {
    if (kept.has(parent)) continue;
    using stand = standAt(workspace, parent);
    const path = stand?.directory.at(stand.name);
    if (path !== undefined && statLink(path)?.isDirectory()) removeEmpty(path);
  }
}

/** rmdir(2) refuses a directory that holds something, which is what is wanted. */
function removeEmpty(path: string): void {
  try {
    rmdirSync(path);
  } catch {
    // not empty, or not ours to remove
  }
}

function parentsOf(path: string): readonly string[] {
  const found: string[] = [];
  for (let end = path.indexOf("/"); end > 0; end = path.indexOf("/", end + 1)) found.push(path.slice(0, end));
  return found;
}

function isWanted(path: string, wanted: readonly string[] | undefined): boolean {
  return wanted === undefined || wanted.some((each) => path === each || path.startsWith(`${each}/`));
}
