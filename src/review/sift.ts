// Which of the listed paths can be captured, and with what permissions; what cannot, and why. Enters: paths of a listing,
// *attacker-controlled*. One lstat each; nothing is opened or followed.

import { accessSync, constants, type Stats } from "node:fs";
import { statLink } from "./leaf.ts";
import { limits } from "./limits.ts";
import type { Listing } from "./listing.ts";
import { captureSecond } from "./racy.ts";

export interface Uncaptured {
  readonly path: string;
  readonly why: string;
}

export interface Sifted {
  /** To be brought into the index, deleted ones too. */
  readonly paths: readonly string[];
  /** Known or named files where a directory stands now, or a link on the way: gone, whatever is there; git is not shown them. */
  readonly beyond: readonly string[];
  /** Permission bits of each regular file among them; undefined where it is gone or no regular file. */
  readonly modes: ReadonlyMap<string, number | undefined>;
  readonly uncaptured: readonly Uncaptured[];
  /** Changed so lately that a further change might carry the same time. */
  readonly racy: readonly string[];
}

/** `hidden`: files to be taken whatever ignore rules say. */
export function sift(workspace: string, listing: Listing, hidden: readonly string[]): Sifted {
  const paths = new Set<string>();
  const modes = new Map<string, number | undefined>();
  const racy: string[] = [];
  const beyond = new Set<string>();
  const isBeyond = linkFinder(workspace);
  const second = captureSecond();
  const uncaptured: Uncaptured[] = listing.undecodable.map((path) => ({ path, why: "name is not UTF-8" }));
  let bytes = 0;
  const take = (path: string, bound: number): void => {
    if (paths.has(path)) return;
    const stats = statLink(`${workspace}/${path}`);
    // given a directory's name git would take a repository in it for a submodule, and start git in there with its settings. An
    // index of the tool's own (*attacker-controlled*) may name one as a file
    if (stats?.isDirectory() === true || isBeyond(path)) {
      beyond.add(path);
      modes.set(path, undefined);
      return;
    }
    const why = refusal(`${workspace}/${path}`, stats, bytes > limits.captureBytes ? 0 : bound);
    if (why !== undefined) return void uncaptured.push({ path, why });
    bytes += stats?.isFile() ? stats.size : 0;
    if (stats !== undefined && stats.ctimeMs >= second) racy.push(path);
    paths.add(path);
    modes.set(path, stats?.isFile() ? stats.mode & 0o7777 : undefined);
  };
  for (const path of [...listing.stale, ...listing.untracked, ...hidden]) take(path, limits.fileBytes);
  for (const path of listing.ignoredFiles.slice(0, limits.ignoredFiles)) take(path, limits.ignoredBytes);
  for (const path of listing.ignoredFiles.slice(limits.ignoredFiles))
    uncaptured.push({ path, why: "too many ignored files" });
  return { paths: [...paths], beyond: [...beyond], modes, uncaptured, racy };
}

/** Does a directory of this path stand there as a link? Git follows none, and refuses the whole list for one such path. */
function linkFinder(workspace: string): (path: string) => boolean {
  const known = new Map<string, boolean>();
  const isBeyond = (path: string): boolean => {
    const end = path.lastIndexOf("/");
    if (end < 0) return false;
    const directory = path.slice(0, end);
    const found =
      known.get(directory) ?? (isBeyond(directory) || statLink(`${workspace}/${directory}`)?.isSymbolicLink() === true);
    known.set(directory, found);
    return found;
  };
  return isBeyond;
}

function refusal(path: string, stats: Stats | undefined, bound: number): string | undefined {
  // gone: the index lets go of it
  if (stats === undefined || stats.isSymbolicLink()) return undefined;
  if (!stats.isFile()) return "not a regular file";
  if (stats.size > bound) return bound === 0 ? "too many bytes in all" : `larger than ${bound / 1024 / 1024} MiB`;
  return isReadable(path) ? undefined : "not readable";
}

function isReadable(path: string): boolean {
  try {
    accessSync(path, constants.R_OK);
    return true;
  } catch {
    return false;
  }
}
