// Directories that cannot be listed. A tool takes the permission to list one from the person, and nobody finds what lies in it,
// while git and a shell, who know its names, go on as ever: so what could be listed before can be again. Enters: paths below a
// workspace, *attacker-controlled*; no link is followed.

import type { Collected } from "./collected.ts";
import { type Entry, rawEntriesOf } from "./entries.ts";
import { openUp } from "./foothold.ts";
import { statLink } from "./leaf.ts";

const cannot = "directory cannot be listed";

/** Those of a walk. */
export function shutIn({ odd }: Pick<Collected, "odd">): ReadonlySet<string> {
  return new Set(odd.flatMap(({ path, what }) => (what === cannot ? [path] : [])));
}

/** `shut`: are left so; undefined: all are. `odd`: told. */
export function listOpened(
  root: string,
  directory: string,
  { shut, odd }: { readonly shut: ReadonlySet<string> | undefined; readonly odd: (path: string, what: string) => void },
): readonly Entry[] {
  const path = directory === "" ? root : `${root}/${directory}`;
  // PATH_MAX, linux/limits.h
  if (Buffer.byteLength(path) > 4090) {
    odd(directory, cannot);
    return [];
  }
  // what is listed and cannot be entered is found by nobody either
  const listed = shut === undefined || statLink(`${path}/.`) !== undefined ? rawEntriesOf(path) : undefined;
  // gone meanwhile
  if (listed !== undefined || statLink(path)?.isDirectory() !== true) return listed ?? [];
  const entries = shut?.has(directory) === false && openUp(root, directory) ? rawEntriesOf(path) : undefined;
  odd(directory, entries === undefined ? cannot : "directory could not be listed, and can be now");
  return entries ?? [];
}
