// One git directory of the checkout: references in one transaction of git's own, then the head, and the index under git's
// own lock, which keeps a person's git out meanwhile. Each step may be taken again. Enters: an operation of ours.

import { copyFileSync, linkSync, renameSync, rmSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { Fault } from "../../domain/fault.ts";
import { standAt } from "../foothold.ts";
import { type GitPlace, runGit } from "../git.ts";
import { readWhole, statLink } from "../leaf.ts";
import { limits } from "../limits.ts";
import { parseReferences, readReferences } from "../references.ts";
import { describeIndex, type IndexOperation, type Move, type RepositoryOperation } from "./repositories.ts";

/** Undefined: done. */
export async function applyRepository(
  workspace: string,
  operation: RepositoryOperation,
  back: boolean,
): Promise<string | undefined> {
  const { own, common, index } = operation;
  const place = { store: own, workTree: workspace };
  const references = back ? operation.references.map(turned) : operation.references;
  const head = operation.head && back ? turned(operation.head) : operation.head;
  const locked = index === undefined || back ? undefined : await lockIndex(place, index);
  if (locked !== undefined) return locked;
  const stuck = (await moveReferences(place, common, references)) ?? (head && (await moveHead(place, head)));
  if (stuck !== undefined && !back) return stuck;
  if (index !== undefined) await finishIndex(place, index, back);
  return undefined;
}

function turned({ name, before, after }: Move): Move {
  return { name, before: after, after: before };
}

const named = ["user.name=postern", "user.email=postern@localhost"];

/** All or none: what is done already is left out. Each must stand where it was, which git looks at under its own locks. */
async function moveReferences(place: GitPlace, common: string, moves: readonly Move[]): Promise<string | undefined> {
  const deadline = performance.now() + limits.gitLockMilliseconds;
  for (;;) {
    const now = parseReferences(readReferences(common)).named;
    const left = moves.filter(({ name, after }) => now.get(name) !== after);
    if (left.length === 0) return undefined;
    const linked = left.find(({ name }) => !isPlain(common, name));
    if (linked !== undefined) return `${linked.name}: its directory is a link`;
    const other = left.find(({ name, before }) => now.get(name) !== before);
    if (other !== undefined) return `${other.name} moved in the checkout meanwhile`;
    const zero = "0".repeat((left[0]?.before ?? left[0]?.after ?? "").length);
    const lines = left.map(({ name, before, after }) =>
      after === undefined ? `delete ${name}\0${before}\0` : `update ${name}\0${after}\0${before ?? zero}\0`,
    );
    const moved = await runGit({
      place,
      arguments: ["update-ref", "--stdin", "-z", "-m", "postern: landing"],
      input: lines.join(""),
      settings: named,
    });
    if (!(moved instanceof Fault)) return undefined;
    // a lock of a git that was killed with us, or of one at work
    if (performance.now() > deadline) return moved.message;
    await pause(50);
  }
}

/** Neither the reference nor its log is reached through a link. */
function isPlain(common: string, name: string): boolean {
  return [name, `logs/${name}`].every((path) => {
    const parts = path.split("/");
    return parts.every((_, at) => {
      const above = parts.slice(0, at + 1).join("/");
      using stand = standAt(common, above);
      return stand === undefined || statLink(stand.directory.at(stand.name))?.isSymbolicLink() !== true;
    });
  });
}

async function moveHead(place: GitPlace, { before, after }: Move): Promise<string | undefined> {
  const now = readWhole(`${place.store}/HEAD`, 4096)?.toString().trim();
  if (now === after) return undefined;
  if (now !== before || after === undefined) return "HEAD moved in the checkout meanwhile";
  const words = after.startsWith("ref: ")
    ? ["symbolic-ref", "-m", "postern: landing", "HEAD", after.slice(5)]
    : ["update-ref", "--no-deref", "-m", "postern: landing", "HEAD", after];
  const moved = await runGit({ place, arguments: words, settings: named });
  return moved instanceof Fault ? moved.message : undefined;
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
  copyFileSync(content, aside);
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

async function finishIndex(place: GitPlace, { prepared, old, after }: IndexOperation, back: boolean): Promise<void> {
  const own = `${place.store}/index`;
  const lock = `${own}.lock`;
  if (!back) {
    if (statLink(lock) !== undefined && take(lock, prepared)) renameSync(lock, own);
    return;
  }
  if (statLink(lock) !== undefined && take(lock, prepared)) rmSync(lock);
  if ((await describeIndex(place)) !== after) return;
  if (old === undefined) rmSync(own, { force: true });
  else if (take(lock, old)) renameSync(lock, own);
}
