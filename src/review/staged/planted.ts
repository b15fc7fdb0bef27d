// Control files of a private copy that say something else than in the checkout it was made of: told when the session ends,
// for a tool that plants one where nobody runs it has planted one. Nothing is put away: what does not land does nothing.
// The copy is *attacker-controlled*.

import type { Found } from "../control-files.ts";
import { entriesOf } from "../entries.ts";
import { type Leaf, readLeaf, saysSame } from "../leaf.ts";
import { limits } from "../limits.ts";
import type { StagedCopy } from "./record.ts";

export interface Planted {
  readonly path: string;
  readonly pattern: string;
}

/** Git's configuration and what leads to its directories are the copy's own from the start. */
const own = /^<git>\/|^\.git$/;
const hooks = "<git>/hooks/";

/** `before`: the checkout when the copy was made; `after`: the copy's tree, beside which its git directories lie. */
export function plantedIn(copy: StagedCopy, before: Found, after: Found): readonly Planted[] {
  const differs = (leaf: Leaf, path = leaf.path): boolean => {
    const old = before.leaves.get(path);
    return old === undefined || !saysSame(old, leaf);
  };
  const inTree = [...after.leaves.values()].filter((leaf) => !own.test(leaf.pattern) && differs(leaf));
  const inGit = copy.repositories.flatMap(({ path, kept }) =>
    hooksIn(copy.directory, kept).flatMap((leaf) => {
      const place = `${path}${leaf.path.slice(kept.length)}`;
      return differs(leaf, place) ? [{ path: place, pattern: hooks }] : [];
    }),
  );
  return [...inTree.map(({ path, pattern }) => ({ path, pattern })), ...inGit];
}

/** One level: git runs what lies in the directory itself. Samples never run. */
function hooksIn(root: string, kept: string): readonly Leaf[] {
  const names = (entriesOf(`${root}/${kept}/hooks`) ?? [])
    .map(({ name }) => name)
    .filter((name) => !name.endsWith(".sample"));
  return names.slice(0, limits.atOnce).flatMap((name) => readLeaf(root, `${kept}/hooks/${name}`, hooks) ?? []);
}
