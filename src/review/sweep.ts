// The end of a session: walks again, and every control file that is new or says something else is moved into quarantine.
// Enters: what was found before, the workspace as the tool left it (*attacker-controlled*). Compared by device, inode and
// content, so that a directory that was only moved is no alarm. To be called when every process of the tool has ended.

import { Fault } from "../domain/fault.ts";
import type { Held, Odd } from "./collected.ts";
import { type Found, findControlFilesAgain } from "./control-files.ts";
import { isGitFileHarmless, meansSame, SettingsJudge } from "./control-judge.ts";
import type { ReviewFault } from "./git.ts";
import { containing } from "./holds.ts";
import { isSame, type Leaf, saysSame } from "./leaf.ts";
import { type Candidate, type Quarantined, quarantine } from "./quarantine.ts";
import { findSetuid } from "./setuid.ts";
import { strayIndexes } from "./stray-indexes.ts";

export interface Sweep {
  readonly quarantined: readonly Quarantined[];
  /** Control files that are where they were not, unchanged: their directory was moved. */
  readonly moved: readonly { readonly from: string; readonly to: string }[];
  /** Held all the while, so somebody outside changed them; left as they are. */
  readonly edited: readonly string[];
  /** New, but nothing in them runs or reaches out: the configuration of a fresh repository, a file as a worktree has it too. */
  readonly harmless: readonly string[];
  /** There before, gone now, and not moved. */
  readonly removed: readonly string[];
  /** Sockets, devices, setuid files, names that cannot be read: new ones, left where they are. */
  readonly odd: readonly Odd[];
  /** What could not be put away. */
  readonly failed: readonly ReviewFault[];
  /** Set where the walk met a bound: the rest was not looked at, and the person is to be told. */
  readonly truncated: string | undefined;
  /** Empty directories and git directories as they are now, for the capture that follows. */
  readonly found: Pick<Found, "empty" | "repositories">;
}

/** `directory`: the session's quarantine in the state directory; need not exist. */
export async function sweep(before: Found, directory: string): Promise<Sweep> {
  const after = findControlFilesAgain(before);
  const sorted = await sort(before, after);
  const results = group(sorted.suspects, before, after).map((each) => quarantine(directory, before.workspace, each));
  const taken = new Set(sorted.moved.map((each) => each.from));
  return {
    quarantined: results.filter(isQuarantined),
    failed: results.filter((each) => each instanceof Fault),
    moved: sorted.moved,
    edited: sorted.edited,
    harmless: sorted.harmless,
    removed: [...before.leaves.keys()].filter((path) => !after.leaves.has(path) && !taken.has(path)),
    odd: newOdd(before, after),
    truncated: after.truncated,
    found: { empty: after.empty, repositories: after.repositories },
  };
}

/** While a session runs: only what is new, in what was looked at just now. What it brought is one thing, put away at once. */
export async function sweepNew(
  before: Found,
  now: Found,
  directory: string,
): Promise<readonly (Quarantined | ReviewFault)[]> {
  const { suspects } = await sort(before, now);
  const fresh = suspects.filter(({ leaf }) => !before.leaves.has(leaf.path));
  return group(fresh, before, now).map((each) => quarantine(directory, before.workspace, each));
}

export function isQuarantined(result: Quarantined | ReviewFault): result is Quarantined {
  return !(result instanceof Fault);
}

interface Suspect {
  readonly leaf: Leaf;
  readonly why: string;
}

interface Sorted {
  readonly suspects: Suspect[];
  readonly moved: { from: string; to: string }[];
  readonly edited: string[];
  readonly harmless: string[];
}

async function sort(before: Found, after: Found): Promise<Sorted> {
  const sorted: Sorted = { suspects: [], moved: [], edited: [], harmless: [] };
  const known = new Map([...before.leaves.values()].map((leaf) => [identity(leaf), leaf]));
  const judge = new SettingsJudge(before.workspace, before.ours);
  const covered = coverOf(before, after);
  for (const leaf of after.leaves.values()) {
    const old = before.leaves.get(leaf.path);
    if (old !== undefined && meansSame(old, leaf, { before, after })) continue;
    const source = known.get(identity(leaf));
    if (
      source !== undefined &&
      source.path !== leaf.path &&
      isSame(source, leaf) &&
      meansSame(source, leaf, { before, after })
    ) {
      sorted.moved.push({ from: source.path, to: leaf.path });
      continue;
    }
    if (old === undefined && isCheckedOutAgain(leaf, before)) {
      sorted.harmless.push(leaf.path);
      continue;
    }
    const runs = isGitFileHarmless(leaf, after) ? [] : await judge.runs(leaf, old);
    if (runs?.length === 0) sorted.harmless.push(leaf.path);
    else if (old !== undefined && !saysSame(old, leaf) && covered(leaf, old)) sorted.edited.push(leaf.path);
    else sorted.suspects.push({ leaf, why: reason(old, runs) });
  }
  // whoever wrote it: what git makes of it is the same
  sorted.suspects.push(...strayIndexes(after));
  return sorted;
}

/**
 * In a worktree or a second clone: the very file that was there before, at its place below another directory. It does nothing there
 * that it does not do where it lay, for what it runs may be changed beside it either way. Not git's own: those belong to one repository.
 */
function isCheckedOutAgain(leaf: Leaf, before: Found): boolean {
  if (leaf.kind !== "file" || leaf.sha256 === undefined || /^(?:<git>|\.git$)/.test(leaf.pattern)) return false;
  const names = leaf.path.split("/");
  return names.some((_, at) => {
    const known = at === 0 ? undefined : before.leaves.get(names.slice(at).join("/"));
    return known?.kind === "file" && known.sha256 === leaf.sha256 && known.mode === leaf.mode;
  });
}

function identity(leaf: Leaf): string {
  return `${leaf.device}:${leaf.inode}`;
}

function reason(old: Leaf | undefined, runs: readonly string[] | undefined): string {
  const state = old === undefined ? "new" : "changed";
  return runs === undefined ? state : `${state}, sets ${[...new Set(runs.map(keyOf))].join(", ")}`;
}

function keyOf(setting: string): string {
  return setting.slice(0, setting.indexOf("=")).slice(0, 100);
}

/**
 * Was it read-only inside all the while, so that only somebody outside can have changed it? A held file: the same inode
 * with no second name. A file below a held directory: the same directory, for a mount on it outlives replaced entries.
 */
function coverOf(before: Found, after: Found): (leaf: Leaf, old: Leaf) => boolean {
  if (before.unheld === true) return () => false;
  const then = heldMap(before);
  const now = heldMap(after);
  const directories = directoriesOf(before);
  return (leaf, old) => {
    if (leaf.links > 1 || old.links > 1 || leaf.kind !== "file") return false;
    const path = containing(leaf.path, directories) ?? leaf.path;
    const [was, is] = [then.get(path), now.get(path)];
    return was !== undefined && is !== undefined && was.inode === is.inode && was.device === is.device;
  };
}

function heldMap(found: Found): ReadonlyMap<string, Held> {
  return new Map(found.held.map((each) => [each.path, each]));
}

function directoriesOf(found: Found): ReadonlySet<string> {
  return new Set(found.held.filter((each) => each.kind === "directory").map((each) => each.path));
}

/** Files of one directory that is new as a whole are put away with it, as one thing. */
function group(suspects: readonly Suspect[], before: Found, after: Found): readonly Candidate[] {
  const fresh = freshDirectories(before, after, new Set(suspects.map((each) => each.leaf.path)));
  const names = new Set(fresh.keys());
  const candidates = new Map<string, Candidate>();
  for (const { leaf, why } of suspects) {
    const directory = fresh.get(containing(leaf.path, names) ?? "");
    if (directory === undefined) candidates.set(leaf.path, candidateFor(leaf, why, before.leaves.has(leaf.path)));
    else candidates.set(directory.path, directoryCandidate(directory, before));
  }
  return [...candidates.values()];
}

function candidateFor(leaf: Leaf, why: string, replaced: boolean): Candidate {
  const { path, kind, pattern, mode, sha256 } = leaf;
  return { path, kind, pattern, why, replaced, mode, sha256 };
}

function directoryCandidate(held: Held, before: Found): Candidate {
  const replaced = before.held.some((each) => each.path === held.path);
  return {
    path: held.path,
    kind: "directory",
    pattern: held.pattern,
    why: "new",
    replaced,
    mode: 0o755,
    sha256: undefined,
  };
}

/** Held directories nobody knew before, all of whose control files are suspects. */
function freshDirectories(before: Found, after: Found, suspects: ReadonlySet<string>): ReadonlyMap<string, Held> {
  const known = new Set(before.held.map((each) => `${each.device}:${each.inode}`));
  const fresh = after.held.filter((each) => each.kind === "directory" && !known.has(`${each.device}:${each.inode}`));
  const names = new Set(fresh.map((each) => each.path));
  const spoiled = new Set<string>();
  for (const path of after.leaves.keys()) {
    const directory = containing(path, names);
    if (directory !== undefined && !suspects.has(path)) spoiled.add(directory);
  }
  // hooks stay a directory: git's own samples lie in it
  return new Map(
    fresh.filter((each) => !spoiled.has(each.path) && each.pattern !== "<git>/hooks/").map((each) => [each.path, each]),
  );
}

function newOdd(before: Found, after: Found): readonly Odd[] {
  const known = new Set(before.odd.map((each) => `${each.what} ${each.path}`));
  const fresh = after.odd.filter((each) => !known.has(`${each.what} ${each.path}`));
  return [...fresh, ...findSetuid(before.workspace, before.taken)];
}
