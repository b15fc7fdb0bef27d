// Package caches grow with every install and nobody empties them: once a day, when a session ends and none other runs, they are
// measured, and what lies over the bound goes, whole caches, the one used longest ago first. Whole, because half a cache is worse
// than none: Cargo and Go do not look again at what they have unpacked. What is in use is never touched.

import { lstatSync, readdirSync, renameSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { listed, removeTree } from "./removal.ts";

export interface Bound {
  /** All of them together. */
  readonly bytes: number;
  /** Entries that are counted; where there are more, they count as too much. */
  readonly entries: number;
  /** Milliseconds between two looks. */
  readonly every: number;
}

export const cacheBound: Bound = { bytes: 20 * 1024 ** 3, entries: 3_000_000, every: 86_400_000 };

const mark = ".looked";
const going = ".going-";

/** Its time says when it was used last. */
export function markUsed(cache: string, now: Date): void {
  utimesSync(cache, now, now);
}

/** Names of the caches that went. `alone`: does no other session run? Asked again before each goes. */
export function boundCaches(caches: string, now: Date, alone: () => boolean, bound: Bound = cacheBound): string[] {
  const looked = lstatSync(join(caches, mark), { throwIfNoEntry: false });
  const soon = looked !== undefined && now.getTime() - looked.mtimeMs < bound.every;
  if (soon || lstatSync(caches, { throwIfNoEntry: false }) === undefined || !alone()) return [];
  writeFileSync(join(caches, mark), "", { mode: 0o600 });
  utimesSync(join(caches, mark), now, now);
  for (const left of readdirSync(caches).filter((name) => name.startsWith(going))) removeTree(join(caches, left));
  const all = cachesIn(caches).toSorted((one, other) => one.used - other.used);
  const dropped: string[] = [];
  let left = bound.entries;
  const sizes = all.map(({ name }) => {
    const { bytes, entries } = measure(join(caches, name), left);
    left -= entries;
    return left > 0 ? bytes : bound.bytes + 1;
  });
  let total = sizes.reduce((sum, size) => sum + size, 0);
  for (const [index, { name, used }] of all.entries()) {
    if (total <= bound.bytes) break;
    if (!alone() || timeOf(join(caches, name)) !== used) break; // a session has begun meanwhile
    renameSync(join(caches, name), join(caches, `${going}${name}`));
    removeTree(join(caches, `${going}${name}`));
    total -= sizes[index] ?? 0;
    dropped.push(name);
  }
  return dropped;
}

interface Cache {
  readonly name: string;
  readonly used: number;
}

/** Directories alone: a lock that sessions share is a file. */
function cachesIn(caches: string): readonly Cache[] {
  return readdirSync(caches, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith("."))
    .map(({ name }) => ({ name, used: timeOf(join(caches, name)) }));
}

const timeOf = (path: string): number => statSync(path).mtimeMs;

/** Names in it are *attacker-controlled*; no link is followed. */
function measure(root: string, most: number): { readonly bytes: number; readonly entries: number } {
  const queue = [root];
  let [bytes, entries] = [0, 0];
  for (let here = queue.pop(); here !== undefined && entries < most; here = queue.pop()) {
    for (const entry of listed(here)) {
      const path = `${here}/${entry.name}`;
      entries += 1;
      if (entry.isDirectory()) queue.push(path);
      else if (entry.isFile()) bytes += lstatSync(path, { throwIfNoEntry: false })?.size ?? 0;
    }
  }
  return { bytes, entries };
}
