// Puts branches, heads and indexes back to where they stood before a session, by git's own transactions. Enters: two undo
// points; the git directories are *attacker-controlled*, so that git is let near one only as landing does: no hook, no
// link on the way. What somebody moved since is a conflict; what the session destroyed is said.

import { createHash } from "node:crypto";
import { rmSync, writeFileSync } from "node:fs";
import { Fault } from "../domain/fault.ts";
import { Blobs } from "./blobs.ts";
import { describeIndex, type Histories, referencesOf, underwayIn } from "./histories.ts";
import { present } from "./landing/reader.ts";
import type { Move, RepositoryOperation } from "./landing/repositories.ts";
import { applyRepository } from "./landing/repository-steps.ts";
import { type ObjectStore, placeOf } from "./object-store.ts";
import { parseReferences } from "./references.ts";
import { findRepositories, keepsTables, type RepositoryPlace } from "./repositories.ts";

export interface HistoryPlan {
  readonly operations: readonly (RepositoryOperation & { readonly names: readonly string[] })[];
  /** Moved since the session ended. */
  readonly conflicts: readonly string[];
  /** What cannot be put back, in words. */
  readonly lost: readonly string[];
}

export interface Points {
  readonly before: Histories;
  readonly after: Histories;
}

/** Nothing is written. */
export async function planHistories(store: ObjectStore, points: Points): Promise<HistoryPlan> {
  const places = findRepositories(store.workspace, Object.keys(points.before.references));
  const [operations, conflicts, lost]: [HistoryPlan["operations"][number][], string[], string[]] = [[], [], []];
  for (const place of places) {
    if (points.before.references[place.path] === undefined) continue;
    const planned = keepsTables(place) ? undefined : await planOne(store, place, points);
    if (planned === undefined) continue;
    if (planned.names.length > 0) operations.push(planned);
    conflicts.push(...planned.conflicts);
    lost.push(...planned.lost);
  }
  for (const path of Object.keys(points.before.references))
    if (!places.some((place) => place.path === path)) lost.push(`${path} is gone, and with it its branches`);
  return { operations, conflicts, lost };
}

interface Planned extends RepositoryOperation {
  readonly names: readonly string[];
  readonly conflicts: readonly string[];
  readonly lost: readonly string[];
}

async function planOne(store: ObjectStore, place: RepositoryPlace, points: Points): Promise<Planned> {
  const { path, own, common } = place;
  const [then, later] = [points.before, points.after].map((point) => parseReferences(point.references[path] ?? []));
  const now = parseReferences(referencesOf(place));
  if (then === undefined || later === undefined) throw new Error("a point without references");
  const named = (name: string) => (path === ".git" ? name : `${path.replace(/\/?\.git$/, "")}:${name}`);
  const [moves, conflicts]: [Move[], string[]] = [[], []];
  const weigh = (name: string, was: string | undefined, left: string | undefined, is: string | undefined) => {
    if (is === was) return;
    if (is === left) moves.push({ name, before: is, after: was });
    else conflicts.push(named(name));
  };
  for (const name of new Set([...then.named.keys(), ...later.named.keys()]))
    weigh(name, then.named.get(name), later.named.get(name), now.named.get(name));
  weigh("HEAD", then.head, later.head, now.head);
  const wanted = moves.map(({ after }) => after).filter((after) => after !== undefined && !after.startsWith("ref: "));
  const there = await present(
    { store: own, workTree: store.workspace },
    wanted.filter((each) => each !== undefined),
  );
  const possible = moves.filter(({ after }) => after === undefined || after.startsWith("ref: ") || there.has(after));
  const lost = moves
    .filter((move) => !possible.includes(move))
    .map(({ name }) => `${named(name)}: the session destroyed its commit`);
  const index = await planIndex(store, place, points);
  const begun = underwayIn(place).filter((name) => points.before.underway[path]?.includes(name) !== true);
  return {
    own,
    common,
    references: possible.filter(({ name }) => name !== "HEAD"),
    head: possible.find(({ name }) => name === "HEAD"),
    index: index.operation,
    names: [...possible.map(({ name }) => named(name)), ...(index.operation === undefined ? [] : [named("index")])],
    conflicts: [...conflicts, ...(index.conflict ? [named("index")] : [])],
    lost: [
      ...lost,
      ...(then.whole ? [] : [`${path} has more references than are kept`]),
      ...begun.map(
        (name) => `${path}: git has begun something it has not ended (${name}); git status says how to end it`,
      ),
    ],
  };
}

interface IndexPlan {
  readonly operation: RepositoryOperation["index"];
  readonly conflict: boolean;
}

async function planIndex(store: ObjectStore, { path, own }: RepositoryPlace, points: Points): Promise<IndexPlan> {
  const [then, later] = [points.before.indexes[path], points.after.indexes[path]];
  const none: IndexPlan = { operation: undefined, conflict: false };
  if (then === undefined) return none;
  const now = await describeIndex({ ...placeOf(store), index: `${own}/index` });
  if (now instanceof Fault || now === then.says) return none;
  if (now !== later?.says) return { operation: undefined, conflict: true };
  const prepared = `${store.directory}/before-${createHash("sha256").update(path).digest("hex").slice(0, 16)}`;
  await using blobs = new Blobs(store);
  const content = await blobs.read(then.object);
  if (content === undefined) return none;
  rmSync(prepared, { force: true });
  writeFileSync(prepared, content, { mode: 0o600 });
  return { operation: { prepared, old: undefined, before: now, after: then.says }, conflict: false };
}

/** What could not be put back, in words. */
export async function restoreHistories(store: ObjectStore, { operations }: HistoryPlan): Promise<readonly string[]> {
  const failed: string[] = [];
  for (const operation of operations) {
    const stuck = await applyRepository(store.workspace, operation, { back: false, resumedFrom: undefined });
    if (stuck !== undefined) failed.push(stuck);
    if (operation.index !== undefined) rmSync(operation.index.prepared, { force: true });
  }
  return failed;
}
