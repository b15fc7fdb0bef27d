// One git directory of the checkout: references in one transaction of git's own, then the head, and the index under git's
// own lock, which keeps a person's git out meanwhile. Each step may be taken again. Enters: an operation of ours.

import { constants, copyFileSync, linkSync, renameSync, rmSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { Fault } from "../../domain/fault.ts";
import { standAt } from "../foothold.ts";
import { type GitPlace, runGit } from "../git.ts";
import { describeIndex } from "../histories.ts";
import { readWhole, statLink } from "../leaf.ts";
import { limits } from "../limits.ts";
import { parseReferences, readReferences } from "../references.ts";
import { leadsAway } from "../repositories.ts";
import type { IndexOperation, Move, RepositoryOperation } from "./repositories.ts";

export interface Course {
  readonly back: boolean;
  /** Milliseconds since the epoch, where another process began it: its git may have left locks from then on. */
  readonly resumedFrom: number | undefined;
}

/** Undefined: done. */
export async function applyRepository(
  workspace: string,
  operation: RepositoryOperation,
  course: Course,
): Promise<string | undefined> {
  const { own, common, index } = operation;
  const { back } = course;
  const place = { store: own, workTree: workspace };
  const references = back ? operation.references.map(turned) : operation.references;
  const head = operation.head && back ? turned(operation.head) : operation.head;
  if ([operation.own, operation.common].some((git) => leadsAway(workspace, git)))
    return `${operation.own} is not where it was: a link stands in its place, or on the way to it`;
  const linked = linkedIn(operation);
  if (linked !== undefined) return `${linked} is a link, or lies behind one`;
  const locked = index === undefined || back ? undefined : await lockIndex(place, index);
  if (locked !== undefined) return locked;
  const where = { place, common, course };
  for (const step of [() => moveReferences(where, references), () => head && moveHead(where, head)]) {
    const held = await step();
    // what somebody moved since is theirs and stays; what could not be moved at all is in the way, on both ways
    if (held !== undefined && !(back && held.theirs)) return held.why;
  }
  return index && (await finishIndex(place, index, back));
}

function turned({ name, before, after }: Move): Move {
  return { name, before: after, after: before };
}

const named = ["user.name=postern", "user.email=postern@localhost"];

interface Where {
  readonly place: GitPlace;
  readonly common: string;
  readonly course: Course;
}

/** All or none: what is done already is left out. Each must stand where it was, which git looks at under its own locks. */
async function moveReferences({ place, common, course }: Where, moves: readonly Move[]): Promise<Held | undefined> {
  return patiently({ place, common, course }, moves, async () => {
    const now = parseReferences(readReferences(common)).named;
    const left = moves.filter(({ name, after }) => now.get(name) !== after);
    const theirs = left.filter(({ name, before }) => now.get(name) !== before);
    const held = theirs[0] && { why: `${theirs[0].name} moved in the checkout meanwhile`, theirs: true };
    if (held !== undefined && !course.back) return { done: true, held };
    const movable = left.filter((each) => !theirs.includes(each));
    if (movable.length === 0) return { done: true, held };
    const zero = "0".repeat((movable[0]?.before ?? movable[0]?.after ?? "").length);
    const lines = movable.map(({ name, before, after }) =>
      after === undefined ? `delete ${name}\0${before}\0` : `update ${name}\0${after}\0${before ?? zero}\0`,
    );
    const words = ["update-ref", "--stdin", "-z", "-m", "postern: landing"];
    const moved = await runGit({ place, arguments: words, input: lines.join(""), settings: named });
    return moved instanceof Fault ? notYet(moved) : { done: true, held };
  });
}

interface Held {
  readonly why: string;
  /** Somebody moved it; otherwise git would not, for a lock. */
  readonly theirs: boolean;
}

interface Try {
  readonly done: boolean;
  readonly held?: Held | undefined;
}

function notYet({ message }: Fault): Try {
  return { done: false, held: { why: message, theirs: false } };
}

/** Again and again while a git is at work there; then once more without the locks a git of ours left when it was killed. */
async function patiently(where: Where, moves: readonly Move[], attempt: () => Promise<Try>): Promise<Held | undefined> {
  const began = performance.now();
  for (let cleared = false; ; ) {
    const { done, held } = await attempt();
    if (done) return held;
    const waited = performance.now() - began;
    if (waited > limits.gitLockMilliseconds) {
      if (cleared) return held;
      // a file's times are the wall clock's
      clearLocks(where, moves, Date.now() - waited);
      cleared = true;
    }
    await pause(50);
  }
}

/**
 * Those from since the landing began that nobody has touched since we wait; none where it was not cut short. `waiting`:
 * milliseconds since the epoch.
 */
function clearLocks({ place, common, course }: Where, moves: readonly Move[], waiting: number): void {
  const from = course.resumedFrom;
  if (from === undefined) return;
  const places = moves.map(({ name }) => (name === "HEAD" ? `${place.store}/HEAD` : `${common}/${name}`));
  for (const each of [...places, `${place.store}/HEAD`, `${common}/packed-refs`]) {
    const stats = statLink(`${each}.lock`);
    if (stats?.isFile() === true && stats.mtimeMs >= from && stats.ctimeMs < waiting)
      rmSync(`${each}.lock`, { force: true });
  }
}

/** What git would write through a link: a session in the checkout itself may have left one. */
function linkedIn({ own, common, references }: RepositoryOperation): string | undefined {
  const names = references.flatMap(({ name }) => [name, `logs/${name}`]);
  const places: (readonly [string, string])[] = [
    ...["HEAD", "logs/HEAD"].map((name) => [own, name] as const),
    ...["packed-refs", ...names].map((name) => [common, name] as const),
  ];
  const found = places.find(([git, name]) => isLinked(git, name));
  return found?.join("/");
}

export function isLinked(git: string, path: string): boolean {
  return path.split("/").some((_, at, parts) => {
    using stand = standAt(git, parts.slice(0, at + 1).join("/"));
    return stand !== undefined && statLink(stand.directory.at(stand.name))?.isSymbolicLink() === true;
  });
}

async function moveHead(where: Where, move: Move): Promise<Held | undefined> {
  const { place } = where;
  const { before, after } = move;
  return patiently(where, [move], async () => {
    const now = readWhole(`${place.store}/HEAD`, 4096)?.toString().trim();
    if (now === after) return { done: true };
    if (now !== before || after === undefined)
      return { done: true, held: { why: "HEAD moved in the checkout meanwhile", theirs: true } };
    const words = after.startsWith("ref: ")
      ? ["symbolic-ref", "-m", "postern: landing", "HEAD", after.slice(5)]
      : ["update-ref", "--no-deref", "-m", "postern: landing", "HEAD", after];
    const moved = await runGit({ place, arguments: words, settings: named });
    return moved instanceof Fault ? notYet(moved) : { done: true };
  });
}

/** Undefined: the lock is ours and holds the new index, or the index is there already. */
async function lockIndex(place: GitPlace, index: IndexOperation): Promise<string | undefined> {
  if ((await describeIndex(place)) === index.after) return undefined;
  const lock = `${place.store}/index.lock`;
  const deadline = performance.now() + limits.gitLockMilliseconds;
  while (!take(lock, index.prepared)) {
    if (performance.now() > deadline) return `git is at work in the checkout: ${lock} is there`;
    await pause(50);
  }
  if ((await describeIndex(place)) === index.before) return undefined;
  rmSync(lock, { force: true });
  return "what is staged in the checkout changed meanwhile";
}

/** Whole or not at all, so that one that holds just these bytes is ours from before we were killed, and no git's. */
function take(lock: string, content: string): boolean {
  const aside = `${lock.replace(/index\.lock$/, "")}postern-index`;
  rmSync(aside, { force: true });
  copyFileSync(content, aside, constants.COPYFILE_EXCL);
  try {
    linkSync(aside, lock);
    return true;
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
    const [there, own] = [readWhole(lock, limits.answerBytes), readWhole(aside, limits.answerBytes)];
    return there !== undefined && own !== undefined && there.equals(own);
  } finally {
    rmSync(aside, { force: true });
  }
}

/** Undefined: the index is what was wanted or, on the way back, somebody else's. */
async function finishIndex(
  place: GitPlace,
  { prepared, old, after }: IndexOperation,
  back: boolean,
): Promise<string | undefined> {
  const own = `${place.store}/index`;
  const lock = `${own}.lock`;
  if (!back) {
    if (statLink(lock) !== undefined && take(lock, prepared)) renameSync(lock, own);
    return (await describeIndex(place)) === after ? undefined : "what is staged in the checkout changed meanwhile";
  }
  if (statLink(lock) !== undefined && take(lock, prepared)) rmSync(lock);
  if ((await describeIndex(place)) !== after) return undefined;
  if (old === undefined) rmSync(own, { force: true });
  else if (take(lock, old)) renameSync(lock, own);
  else return `git is at work in the checkout: ${lock} is there`;
  return undefined;
}
