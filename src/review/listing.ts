// What of a workspace may have changed since the store's index was written, and what was never in it: asked of git,
// three or four processes at once. Enters: a store; the working tree is *attacker-controlled* (names, ignore files).
// Leaves: paths relative to the workspace. Nested repositories are entered, for git by itself would stop at them.

import { Fault } from "../domain/fault.ts";
import { type ReviewFault, runGit, splitPaths } from "./git.ts";
import { gitDirectoryOf } from "./git-file.ts";
import { isStray } from "./index-names.ts";
import { statLink } from "./leaf.ts";
import { limits } from "./limits.ts";
import { type ObjectStore, ownGit, placeOf } from "./object-store.ts";

export interface Listing {
  /** Known files whose times, size or kind differ, or that are gone. */
  readonly stale: readonly string[];
  readonly untracked: readonly string[];
  /** Ignored files that lie among others. */
  readonly ignoredFiles: readonly string[];
  /** Ignored directories, whole; not captured. */
  readonly ignoredDirectories: readonly string[];
  readonly undecodable: readonly string[];
  /** Which version of the workspace's own index was asked, to ask again only when it changed. */
  readonly ownIndex: string;
  /** What could not be listed. */
  readonly missed: readonly string[];
  readonly milliseconds: number;
}

/** In a submodule git would start itself, with the settings that stand there: a tool's filters would run outside. */
const differing = ["diff-files", "-z", "--name-only", "--no-renames", "--no-ext-diff", "--ignore-submodules=all"];

/** `ownIndex`: what the last listing said. */
export async function listWorkspace(store: ObjectStore, ownIndex: string | undefined): Promise<Listing | ReviewFault> {
  const began = performance.now();
  const own = indexVersion(ownGit(store));
  const [stale, root] = await Promise.all([
    runGit({ place: placeOf(store), arguments: differing }),
    listTree(store, "", own === ownIndex ? undefined : own),
  ]);
  if (stale instanceof Fault) return stale;
  if (root instanceof Fault) return root;
  const trees = [root];
  const missed: string[] = [];
  // appended to while it is walked: a nested repository may hold another
  for (const tree of trees) {
    for (const nested of tree.nested) {
      const listed =
        trees.length > limits.nested
          ? undefined
          : await listTree(store, nested, indexVersion(gitDirectoryOf(`${store.workspace}/${nested}`)));
      if (listed === undefined || listed instanceof Fault) missed.push(nested);
      else trees.push(listed);
    }
  }
  const changed = splitPaths(stale);
  return {
    stale: changed.paths,
    untracked: trees.flatMap((tree) => tree.untracked),
    ignoredFiles: trees.flatMap((tree) => tree.ignored).filter((path) => !path.endsWith("/")),
    ignoredDirectories: trees.flatMap((tree) => tree.ignored).filter((path) => path.endsWith("/")),
    undecodable: trees.flatMap((tree) => tree.undecodable),
    ownIndex: own,
    missed,
    milliseconds: performance.now() - began,
  };
}

interface Tree {
  readonly untracked: readonly string[];
  readonly ignored: readonly string[];
  readonly nested: readonly string[];
  readonly undecodable: readonly string[];
}

/** One repository's tree: `at` is its path, empty for the workspace. */
async function listTree(store: ObjectStore, at: string, ownIndex: string | undefined): Promise<Tree | ReviewFault> {
  const workTree = at === "" ? store.workspace : `${store.workspace}/${at.slice(0, -1)}`;
  const place = { ...placeOf(store), workTree, ...(at === "" ? {} : { index: "/nonexistent" }) };
  const list = (more: readonly string[]) =>
    runGit({ place, arguments: ["ls-files", "-z", ...excludes(store), ...more] });
  const [others, ignored, tracked] = await Promise.all([
    list(["--others"]),
    list(["--others", "--ignored", "--directory"]),
    ownIndex === undefined || ownIndex === "" ? Buffer.alloc(0) : trackedThoughIgnored(store, workTree),
  ]);
  if (others instanceof Fault) return others;
  if (ignored instanceof Fault) return ignored;
  const untracked = splitPaths(others);
  // an index of another format than ours is no reason to go without undo: only forced files are missed then
  const forced = tracked instanceof Fault ? [] : splitPaths(tracked).paths.filter((path) => !isStray(path));
  const within = (path: string) => at + path;
  return {
    untracked: [...untracked.paths.filter((path) => !path.endsWith("/")), ...forced].map(within),
    ignored: splitPaths(ignored).paths.map(within),
    nested: untracked.paths.filter((path) => path.endsWith("/")).map(within),
    undecodable: untracked.undecodable.map(within),
  };
}

function excludes(store: ObjectStore): readonly string[] {
  return ["--exclude-per-directory=.gitignore", `--exclude-from=${store.directory}/info/exclude`];
}

/** Files added by force that an ignore rule names: read from the workspace's own index, by our git, as data. */
function trackedThoughIgnored(store: ObjectStore, workTree: string): Promise<Buffer | ReviewFault> {
  const git = workTree === store.workspace ? ownGit(store) : gitDirectoryOf(workTree);
  const index = `${git}/index`;
  const place = { store: store.directory, workTree, index };
  return runGit({ place, arguments: ["ls-files", "-z", "--cached", "--ignored", ...excludes(store)] });
}

/** Empty where the working tree has no index of its own. */
function indexVersion(git: string | undefined): string {
  const stats = git === undefined ? undefined : statLink(`${git}/index`);
  return stats === undefined ? "" : `${stats.ino}:${stats.size}:${stats.mtimeMs}`;
}

/** Every file below these ignored entries, whatever an ignore file says. */
export async function listIgnored(
  store: ObjectStore,
  entries: readonly string[],
): Promise<readonly string[] | ReviewFault> {
  if (entries.length === 0) return [];
  const output = await runGit({ place: placeOf(store), arguments: ["ls-files", "-z", "--others"] });
  if (output instanceof Fault) return output;
  const directories = new Set(entries.filter((entry) => entry.endsWith("/")));
  const files = new Set(entries);
  return splitPaths(output).paths.filter(
    (path) => files.has(path) || prefixes(path).some((each) => directories.has(each)),
  );
}

function prefixes(path: string): readonly string[] {
  const found: string[] = [];
  for (let end = path.indexOf("/"); end > 0; end = path.indexOf("/", end + 1)) found.push(path.slice(0, end + 1));
  return found;
}
