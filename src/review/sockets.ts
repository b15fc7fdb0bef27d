// Where the host's unix sockets lie in a tree: a socket that can be seen can be connected to, even where the tree is
// mounted read-only. Enters: a path on the host. Follows no symbolic link below it.

import { statSync } from "node:fs";
import { entriesOf } from "./entries.ts";
import { limits } from "./limits.ts";

export interface Sockets {
  /** Absolute. */
  readonly paths: readonly string[];
  /** Why not everything was looked at; undefined: it was. */
  readonly truncated: string | undefined;
}

export function findSockets(root: string): Sockets {
  // the tree that was granted may itself be a link: what it leads to is what is shown
  const stats = statSync(root, { throwIfNoEntry: false });
  if (stats?.isSocket()) return { paths: [root], truncated: undefined };
  const paths: string[] = [];
  const queue = stats?.isDirectory() ? [root] : [];
  for (let seen = 0, directory = queue.pop(); directory !== undefined; directory = queue.pop()) {
    const entries = entriesOf(directory);
    if (entries === undefined && isShut(directory)) continue;
    if (entries === undefined) return { paths, truncated: `${directory} cannot be listed` };
    seen += entries.length;
    if (seen > limits.walkEntries) return { paths, truncated: "too many files" };
    for (const entry of entries) {
      if (entry.isSocket()) paths.push(`${directory}/${entry.name}`);
      else if (entry.isDirectory()) queue.push(`${directory}/${entry.name}`);
    }
  }
  return { paths, truncated: undefined };
}

/**
 * Nobody inside gets in either, being the same person: not the owner, who could open it with chmod, and not let through,
 * where a name that is known needs no listing. An earlier session may have left a directory like that.
 */
export function isShut(directory: string): boolean {
  if (statSync(directory, { throwIfNoEntry: false })?.uid === process.geteuid?.()) return false;
  try {
    statSync(`${directory}/.`);
    return false;
  } catch {
    return true;
  }
}
