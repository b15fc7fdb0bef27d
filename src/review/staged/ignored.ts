// What the store does not keep and the tool needs all the same: ignored directories such as `node_modules`, files too large
// to be kept. Copied privately, sharing blocks where the file system can; what would be too much is shown read-only from the
// checkout. Enters: paths below a checkout, *attacker-controlled* while another session works there; walked without following a
// link on either side.

import { constants, copyFileSync, readdirSync, rmSync } from "node:fs";
import { copyTree } from "../copy.ts";
import { standAt } from "../foothold.ts";
import { statLink } from "../leaf.ts";
import { limits } from "../limits.ts";
import { makeEmpty } from "../put-back.ts";
import type { UndoPoint } from "../undo-point.ts";
import type { Leftover } from "./record.ts";

interface Weight {
  readonly path: string;
  readonly entries: number;
  readonly bytes: number;
}

export interface Ignored {
  /** Private now. */
  readonly copied: readonly Weight[];
  /** To be shown read-only from the checkout, at the same place; an empty directory waits there. */
  readonly shared: readonly Weight[];
  /** What could not be copied, in words. */
  readonly missed: readonly string[];
}

export async function bringIgnored(checkout: string, tree: string, base: Pick<UndoPoint, "ignored">): Promise<Ignored> {
  const clones = canClone(checkout, tree);
  const weighed = outermost(base.ignored.map((each) => each.replace(/\/$/, "")))
    .map((path) => weigh(checkout, path))
    .filter((each) => each !== undefined)
    .toSorted((left, right) => left.entries - right.entries);
  const [copied, shared]: [Weight[], Weight[]] = [[], []];
  let [entries, bytes] = [0, 0];
  for (const each of weighed) {
    entries += each.entries;
    bytes += clones ? 0 : each.bytes;
    if (entries > limits.ignoredEntries || bytes > limits.ignoredTotal) shared.push(each);
    else copied.push(each);
  }
  for (const { path } of shared) makeEmpty(tree, path);
  const complaints: (string | undefined)[] = [];
  for (const { path } of copied) {
    complaints.push(copyDirectory(checkout, tree, path));
    // git is filling the tree meanwhile, and is to be heard
    await breathe();
  }
  return { copied, shared, missed: complaints.filter((each) => each !== undefined) };
}

function outermost(paths: readonly string[]): readonly string[] {
  return paths.filter((path) => !paths.some((other) => path.startsWith(`${other}/`)));
}

/** Undefined where it is gone, or no directory. */
function weigh(checkout: string, path: string): Weight | undefined {
  using stand = standAt(checkout, path);
  const top = stand?.directory.at(stand.name);
  if (top === undefined || statLink(top)?.isDirectory() !== true) return undefined;
  let [entries, bytes] = [1, 0];
  const queue = [top];
  for (let directory = queue.pop(); directory !== undefined; directory = queue.pop()) {
    for (const entry of list(directory)) {
      entries += 1;
      // beyond the bound it is not copied, however much more there is
      if (entries > limits.ignoredEntries) return { path, entries, bytes };
      const below = `${directory}/${entry.name}`;
      if (entry.isDirectory()) queue.push(below);
      else if (entry.isFile()) bytes += statLink(below)?.size ?? 0;
    }
  }
  return { path, entries, bytes };
}

function list(directory: string) {
  try {
    return readdirSync(directory, { withFileTypes: true });
  } catch {
    return [];
  }
}

/** Undefined where all of it was copied; else the first that was not, and why. */
function copyDirectory(checkout: string, tree: string, path: string): string | undefined {
  using stand = standAt(checkout, path);
  using target = standAt(tree, path, true);
  if (stand === undefined) return `${path} is gone`;
  if (target === undefined) return `${path}: something else stands there in the copy`;
  let complaint: string | undefined;
  const missed = (below: string, why: string): void => {
    complaint ??= `${path}/${below}: ${why}`;
  };
  try {
    const choice = { missed, bound: limits.ignoredEntries, join: true };
    copyTree(stand.directory.at(stand.name), target.directory.at(target.name), choice);
    return complaint;
  } catch (error) {
    return `${path}: ${error instanceof Error ? error.message : "unknown"}`;
  }
}

function breathe(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  setImmediate(resolve);
  return promise;
}

/** Whether both lie on one file system that can share blocks (FICLONE, ioctl_ficlonerange(2)): tried, not guessed. */
function canClone(checkout: string, tree: string): boolean {
  const file = list(checkout).find((entry) => entry.isFile());
  if (file === undefined) return false;
  const trial = `${tree}.clone`;
  try {
    copyFileSync(`${checkout}/${file.name}`, trial, constants.COPYFILE_FICLONE_FORCE);
    return true;
  } catch {
    return false;
  } finally {
    rmSync(trial, { force: true });
  }
}

/** Files the store does not keep for their size or number, copied; changes to them are told, and do not land. */
export function bringLeftovers(checkout: string, tree: string, base: UndoPoint): readonly Leftover[] {
  const found: Leftover[] = [];
  for (const { path, why } of base.uncaptured.filter((each) => /^(?:larger than|too many)/.test(each.why))) {
    if (found.length >= limits.leftovers) break;
    using stand = standAt(checkout, path);
    using target = standAt(tree, path, true);
    if (stand === undefined || target === undefined) continue;
    try {
      copyTree(stand.directory.at(stand.name), target.directory.at(target.name));
    } catch {
      continue; // gone meanwhile, or not readable: then it is absent, as `why` says of it
    }
    found.push({ path, mark: markOf(tree, path) ?? why });
  }
  return found;
}

/** How a file looks from outside; its change time cannot be set by anybody. */
export function markOf(tree: string, path: string): string | undefined {
  using stand = standAt(tree, path);
  const stats = stand === undefined ? undefined : statLink(stand.directory.at(stand.name));
  return stats === undefined ? undefined : `${stats.ino}:${stats.size}:${stats.ctimeMs}`;
}
