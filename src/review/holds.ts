// What is found → the mounts that hold it for one session: each git directory, and each directory a pattern
// names above what is held, bound on itself, so that it cannot be renamed away, then every control file read-only over itself. The shape is the boundary's `Mount`.

import { resolve } from "node:path";
import type { Held } from "./collected.ts";
import { personalPattern } from "./control-class.ts";
import type { Found } from "./control-files.ts";
import { parentsIn } from "./entries.ts";

export interface Hold {
  readonly kind: "read" | "write";
  /** Absolute; `from` is the same place. */
  readonly path: string;
  readonly from: string;
}

/**
 * In the order in which they are mounted: later ones cover earlier ones, so they come after the workspace's own mount.
 * `elsewhere`: files, absolute, that cannot be reached at all.
 */
export function holds(found: Found, elsewhere: ReadonlySet<string> = new Set()): readonly Hold[] {
  const directories = new Set(found.held.filter((each) => each.kind === "directory").map((each) => each.path));
  const reads = found.held
    .filter((each) => each.kind !== "symlink" && !isBelow(each.path, directories))
    .map((each) => each.path)
    .filter((path) => !elsewhere.has(`${found.workspace}/${path}`));
  // a git directory within a held one stays as unwritable as what is around it
  const pinned = [...new Set([...found.repositories, ...found.held.flatMap(parentsOf)])];
  const writes = pinned.filter((path) => !directories.has(path) && !isBelow(path, directories));
  return [...mounts("write", found.workspace, writes), ...mounts("read", found.workspace, reads)];
}

/** Directories a pattern names above what is held, such as `.github`: moved away, another could be put in their place. */
export function parentsOf({ path, pattern }: Pick<Held, "path" | "pattern">): readonly string[] {
  if (pattern.startsWith("<git>")) return [];
  if (pattern === personalPattern) return parentsIn(path);
  const count = pattern.replace(/\/$/, "").split("/").length - 1;
  const names = path.split("/");
  return Array.from({ length: count }, (_, at) => names.slice(0, names.length - count + at).join("/")).filter(Boolean);
}

function mounts(kind: Hold["kind"], workspace: string, paths: readonly string[]): readonly Hold[] {
  return paths
    .toSorted((left, right) => depth(left) - depth(right) || (left < right ? -1 : 1))
    .map((each) => resolve(workspace, each))
    .map((path) => ({ kind, path, from: path }));
}

function depth(path: string): number {
  return path.split("/").length;
}

/** Is `path` below, not one of, these? */
function isBelow(path: string, directories: ReadonlySet<string>): boolean {
  return containing(path, directories) !== undefined;
}

export function containing(path: string, directories: ReadonlySet<string>): string | undefined {
  for (let end = path.lastIndexOf("/"); end > 0; end = path.lastIndexOf("/", end - 1)) {
    const parent = path.slice(0, end);
    if (directories.has(parent)) return parent;
  }
  return undefined;
}
