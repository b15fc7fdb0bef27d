// Indexes of git's that have it write, or read, outside of their working tree, among those of the git directories a walk
// entered. Enters: that walk; their content is *attacker-controlled*. No link is followed.

import type { Found } from "./control-files.ts";
import { rawEntriesOf } from "./entries.ts";
import { standAt } from "./foothold.ts";
import { isIndexName } from "./git-directory.ts";
import { type HashLength, strayIn } from "./index-names.ts";
import { type Leaf, readLeaf, readWhole } from "./leaf.ts";
import { limits } from "./limits.ts";

export interface StrayIndex {
  readonly leaf: Leaf;
  /** What is wrong with it. */
  readonly why: string;
}

export function strayIndexes(found: Found): readonly StrayIndex[] {
  return [...found.entered].flatMap((git) =>
    (rawEntriesOf(`${found.workspace}/${git}`) ?? [])
      .filter((entry) => entry.isFile() && isIndexName(entry.name))
      .flatMap(({ name }) => judge(found, git, name) ?? []),
  );
}

function judge(found: Found, git: string, name: string): StrayIndex | undefined {
  const path = git === "" ? name : `${git}/${name}`;
  using stand = standAt(found.workspace, path);
  if (stand === undefined) return undefined;
  const bytes = readWhole(stand.directory.at(stand.name), limits.indexBytes);
  const why = bytes === undefined ? "it cannot be read" : strayIn(bytes, hashOf(found, git));
  const leaf = why === undefined ? undefined : readLeaf(found.workspace, path, "<git>/index");
  return leaf === undefined || why === undefined ? undefined : { leaf, why };
}

/** A linked worktree has the settings of the repository it belongs to. */
function hashOf({ leaves }: Found, git: string): HashLength {
  const common = git.replace(/\/worktrees\/[^/]+$/, "");
  const text = leaves.get(common === "" ? "config" : `${common}/config`)?.text ?? "";
  return /^\s*objectformat\s*=\s*"?sha256\b/im.test(text) ? 32 : 20;
}
