// A `.git` that may be a file, a HEAD that may be a link (gitrepository-layout): where they lead. Both are *attacker-controlled*.

import { readlinkSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { readWhole, statLink } from "./leaf.ts";
import { kernelPath } from "./raw-names.ts";

/** `gitdir: <path>` (gitrepository-layout), relative to the file's own directory → absolute. */
export function gitFileTarget(text: string | undefined, file: string): string | undefined {
  const place = /^gitdir: ([^\n\0]+)\n*$/.exec(text ?? "")?.[1];
  return place === undefined ? undefined : resolve(dirname(file), place);
}

/** The index a working tree's own git uses; undefined where there is none. */
export function gitDirectoryOf(workTree: string): string | undefined {
  const git = `${workTree}/.git`;
  const stats = statLink(git);
  if (stats?.isDirectory()) return git;
  return stats?.isFile() ? gitFileTarget(readWhole(git, 4096)?.toString(), git) : undefined;
}

/** `core.preferSymlinkRefs`: HEAD is a link then, and each switch of a branch makes a new one. */
export function namesBranch(head: string): boolean {
  try {
    return /^refs(?:\/[^./][^/]*)+$/.test(readlinkSync(kernelPath(head)));
  } catch {
    return false;
  }
}
