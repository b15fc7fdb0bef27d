// What a private copy holds now, against what it held at the start. Enters: a copy whose session has ended (a person may
// have gone on in it); its tree and its git directories are *attacker-controlled*. Leaves: changes of files as the undo
// store tells them, and what is there that cannot be told as a change of a file.

import { dirname } from "node:path";
import { Fault } from "../../domain/fault.ts";
import { type Change, changesBetween } from "../changes.ts";
import { type Found, findControlFilesAgain } from "../control-files.ts";
import type { ReviewFault } from "../git.ts";
import { isGitName } from "../git-directory.ts";
import { gitFileTarget } from "../git-file.ts";
import { parseReferences, readReferences } from "../references.ts";
import { capture, type UndoPoint } from "../undo-point.ts";
import { markOf } from "./ignored.ts";
import { type StagedCopy, storeOf, treeOf } from "./record.ts";

export interface Look {
  /** From the start to now. */
  readonly changes: readonly Change[];
  readonly after: UndoPoint;
  readonly found: Found;
  /** How many references and heads are not what they were. */
  readonly references: number;
  /** What is in the copy and cannot land, in words. */
  readonly told: readonly string[];
}

/** What a walk of its tree finds. */
export function findInCopy(copy: StagedCopy): Found {
  const { personal } = copy;
  return findControlFilesAgain({ workspace: treeOf(copy), odd: [], ...(personal === undefined ? {} : { personal }) });
}

/** `found`: the walk of the copy's tree. */
export async function lookAtCopy(copy: StagedCopy, found: Found): Promise<Look | ReviewFault> {
  const store = storeOf(copy);
  const after = await capture(store, { found, since: copy.base });
  if (after instanceof Fault) return after;
  const changes = await changesBetween(store, copy.base, after);
  if (changes instanceof Fault) return changes;
  const fresh = worktrees(copy, found);
  return {
    changes: changes.filter(({ path }) => !fresh.some((directory) => path.startsWith(`${directory}/`))),
    after,
    found,
    references: copy.repositories.reduce((sum, each) => sum + countMoved(copy, each), 0),
    told: [
      ...fresh.map((path) => `${path} is a worktree of the copy's own: its branches land, its files do not`),
      ...repositories(copy, found),
      ...uncaptured(copy, after),
      ...found.odd.map(({ path, what }) => `${path} does not land: ${what}`),
      ...(found.truncated === undefined ? [] : [`not everything was looked at: ${found.truncated}`]),
    ],
  };
}

/** Directories with a `.git` file that leads to a worktree made in the session. */
function worktrees(copy: StagedCopy, found: Found): readonly string[] {
  const places = copy.repositories.map(({ path }) => `${copy.workspace}/${path}/worktrees/`);
  return freshGitFiles(copy, found)
    .filter(({ target }) => places.some((place) => target?.startsWith(place)))
    .map(({ path }) => dirname(path));
}

function freshGitFiles(copy: StagedCopy, found: Found) {
  return [...found.leaves.values()]
    .filter((leaf) => leaf.pattern === ".git" && leaf.path !== ".git" && copy.control[leaf.path] === undefined)
    .map(({ path, text }) => ({ path, target: gitFileTarget(text, `${copy.workspace}/${path}`) }));
}

function repositories(copy: StagedCopy, found: Found): readonly string[] {
  const known = new Set(copy.repositories.map(({ path }) => path));
  const worktree = worktrees(copy, found);
  const fresh = [...found.repositories, ...freshGitFiles(copy, found).map(({ path }) => path)];
  return fresh
    .filter((path) => isGitName(path.split("/").at(-1) ?? "") && !known.has(path) && !worktree.includes(dirname(path)))
    .map((path) =>
      path.split("/").at(-1) === ".git"
        ? `${dirname(path)} is a new repository: its files land, its history does not`
        : `${path} never lands: its name means a git directory somewhere`,
    );
}

/** Too large to be kept: told where they are new, or no longer what was copied. */
function uncaptured(copy: StagedCopy, after: UndoPoint): readonly string[] {
  const marks = new Map(copy.leftovers.map(({ path, mark }) => [path, mark]));
  const known = new Set(copy.base.uncaptured.map(({ path }) => path));
  return after.uncaptured
    .filter(({ path }) => (marks.has(path) ? marks.get(path) !== markOf(treeOf(copy), path) : !known.has(path)))
    .map(({ path, why }) => `${path} does not land: ${why}`);
}

function countMoved(copy: StagedCopy, { kept, references }: StagedCopy["repositories"][number]): number {
  const [then, now] = [parseReferences(references), parseReferences(readReferences(`${copy.directory}/${kept}`))];
  const names = new Set([...then.named.keys(), ...now.named.keys()]);
  const moved = [...names].filter((name) => then.named.get(name) !== now.named.get(name)).length;
  return moved + (then.head === now.head ? 0 : 1);
}
