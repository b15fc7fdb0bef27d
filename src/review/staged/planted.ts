// Control files of a private copy that say something else than at its start: told when the session ends, for a tool that
// plants one where nobody runs it has planted one. Nothing is put away: what does not land does nothing. The copy is
// *attacker-controlled*.

import { dirname, resolve } from "node:path";
import { type Found, findInRepository } from "../control-files.ts";
import { SettingsJudge } from "../control-judge.ts";
import { gitFileTarget } from "../git-file.ts";
import { type Leaf, readLeaf, saysSame } from "../leaf.ts";
import { strayIndexes } from "../stray-indexes.ts";
import { type StagedCopy, treeOf } from "./record.ts";

export interface Planted {
  readonly path: string;
  readonly pattern: string;
}

/** Git's configuration and what leads to its directories are the copy's own from the start. */
const own = /^<git>\/|^\.git$/;

/** What of git's stands in a copy before the tool begins, by its path in the checkout. */
export type GitStart = ReadonlyMap<string, Leaf>;

/** `before`: the checkout the copy was made of. */
export function gitStartOf(copy: StagedCopy, before: Found): GitStart {
  const files = [...before.leaves.values()].filter(({ pattern }) => pattern === ".git");
  const leaves = files.flatMap(({ path }) => readLeaf(treeOf(copy), path, ".git") ?? []);
  return new Map([...leaves, ...inGitDirectories(copy)].map((leaf) => [leaf.path, leaf]));
}

/** `before`: the checkout when the copy was made; `after`: the copy's tree, beside which its git directories lie. */
export async function plantedIn(
  copy: StagedCopy,
  before: Found,
  { after, start }: { readonly after: Found; readonly start: GitStart },
): Promise<readonly Planted[]> {
  const differs = (leaf: Leaf, old: Leaf | undefined): boolean => old === undefined || !saysSame(old, leaf);
  const all = [...after.leaves.values()];
  const inTree = all.filter((leaf) => !own.test(leaf.pattern) && differs(leaf, before.leaves.get(leaf.path)));
  const judge = new SettingsJudge(copy.directory);
  const inGit: Leaf[] = [];
  // git directories that lie in the tree itself are new ones
  for (const leaf of [...all.filter(({ pattern }) => own.test(pattern)), ...inGitDirectories(copy)]) {
    const old = start.get(leaf.path);
    if (!differs(leaf, old) || staysWithin(leaf, copy)) continue;
    if ((await judge.runs(leaf, old))?.length !== 0) inGit.push(leaf);
  }
  return [...inTree, ...inGit].map(({ path, pattern }) => ({ path, pattern }));
}

/** Their parts, with the paths they have in the checkout. */
function inGitDirectories(copy: StagedCopy): readonly Leaf[] {
  return copy.repositories.flatMap(({ path, kept }) => {
    const found = findInRepository(copy.directory, kept);
    const leaves = [...found.leaves.values(), ...strayIndexes(found).map(({ leaf }) => leaf)];
    return leaves.map((leaf) => ({ ...leaf, path: `${path}${leaf.path.slice(kept.length)}` }));
  });
}

/** A `.git` file, `gitdir` or `commondir` that leads to where the copy has its repositories anyway. */
function staysWithin(leaf: Leaf, { workspace, repositories }: StagedCopy): boolean {
  if (leaf.kind !== "file" || leaf.text === undefined) return false;
  const file = `${workspace}/${leaf.path}`;
  if (leaf.pattern === "<git>/gitdir") return within(resolve(dirname(file), leaf.text.trimEnd()), workspace);
  const target = leaf.pattern === ".git" ? gitFileTarget(leaf.text, file) : undefined;
  const common = leaf.pattern === "<git>/commondir" ? resolve(dirname(file), leaf.text.trimEnd()) : undefined;
  const place = target ?? common;
  return place !== undefined && repositories.some(({ path }) => within(place, `${workspace}/${path}`));
}

const within = (place: string, directory: string): boolean => place === directory || place.startsWith(`${directory}/`);
