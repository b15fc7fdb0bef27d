// The person's files before and after: what came, went or says something else. Links are not followed.

import { createHash } from "node:crypto";
import { lstatSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";

export interface Change {
  /** From the rig's own directory: `home/.ssh/config`, `out/file`, `work/README.md`. */
  readonly path: string;
  readonly what: "new" | "gone" | "changed";
}

export type Shot = ReadonlyMap<string, string>;

/** Below `base`, in the directories named. */
export function shoot(base: string, directories: readonly string[]): Shot {
  const shot = new Map<string, string>();
  const queue = [...directories];
  for (let path = queue.pop(); path !== undefined; path = queue.pop()) {
    const mark = markOf(join(base, path));
    if (mark === undefined) continue;
    shot.set(path, mark);
    if (mark.startsWith("directory")) for (const name of namesIn(join(base, path))) queue.push(`${path}/${name}`);
  }
  return shot;
}

export function compare(before: Shot, after: Shot): readonly Change[] {
  const paths = [...new Set([...before.keys(), ...after.keys()])].toSorted();
  return paths.flatMap((path): readonly Change[] => {
    const [was, is] = [before.get(path), after.get(path)];
    if (was === is) return [];
    return [{ path, what: was === undefined ? "new" : is === undefined ? "gone" : "changed" }];
  });
}

/** Whoever looks may be the person, from whom a probe takes what it can: its mode says so, and what a trap did shows elsewhere. */
function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory).toSorted();
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EACCES") return [];
    throw error;
  }
}

/** Kind, mode and content; not times, which reading changes too. */
function markOf(path: string): string | undefined {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return undefined;
  const mode = (stats.mode & 0o7777).toString(8);
  if (stats.isDirectory()) return `directory ${mode}`;
  if (stats.isSymbolicLink()) return `link ${readlinkSync(path)}`;
  if (stats.isFile()) return `file ${mode} ${createHash("sha256").update(readFileSync(path)).digest("hex")}`;
  return `special ${stats.mode.toString(8)} ${stats.rdev}`;
}
