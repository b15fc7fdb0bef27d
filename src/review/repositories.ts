// The repositories of a checkout: its own and those within it. Enters: a checkout, and the git directories a walk found; a
// git directory outside counts only where it knows this very checkout as its own, for a `.git` file may have come from
// anywhere.

import { realpathSync } from "node:fs";
import { basename, dirname, resolve } from "node:path";
import { standAt } from "./foothold.ts";
import { isGitName } from "./git-directory.ts";
import { gitDirectoryOf } from "./git-file.ts";
import { readWhole, statLink } from "./leaf.ts";
import { limits } from "./limits.ts";

export interface RepositoryPlace {
  /** Below the workspace: `.git`, `.git/modules/lib`, `vendor/lib/.git`. */
  readonly path: string;
  /** The git directory; of a linked worktree: that worktree's. */
  readonly own: string;
  /** What it shares with other worktrees of the same repository; the same where there are none. */
  readonly common: string;
}

/** `inside`: git directories the walk found. Nested ones come after those around them. */
export function findRepositories(checkout: string, inside: readonly string[]): readonly RepositoryPlace[] {
  const root = rootOf(checkout);
  const nested = inside
    .filter((path) => path !== ".git" && (isGitName(path.split("/").at(-1) ?? "") || isModule(path, root)))
    .filter((path) => !leadsAway(checkout, `${checkout}/${path}`))
    .map((path) => ({ path, own: `${checkout}/${path}`, common: `${checkout}/${path}` }));
  return [...(root === undefined ? [] : [root]), ...nested].slice(0, limits.nested);
}

/** A link stands on the way from the checkout to a git directory in it: that may be another project's by now. */
export function leadsAway(checkout: string, git: string): boolean {
  if (!git.startsWith(`${checkout}/`)) return false;
  using stand = standAt(checkout, git.slice(checkout.length + 1));
  return stand === undefined || statLink(stand.directory.at(stand.name))?.isDirectory() !== true;
}

/** References kept as tables (reftable) are not read here. */
export function keepsTables({ common }: RepositoryPlace): boolean {
  return statLink(`${common}/reftable`) !== undefined;
}

/** Submodules' git directories come along within the one around them, where that is the checkout's own. */
function isModule(path: string, root: RepositoryPlace | undefined): boolean {
  return root?.own === root?.common && path.startsWith(".git/modules/");
}

function rootOf(checkout: string): RepositoryPlace | undefined {
  const own = gitDirectoryOf(checkout);
  if (own === undefined || statLink(own)?.isDirectory() !== true) return undefined;
  const common = resolve(own, readWhole(`${own}/commondir`, 4096)?.toString().trimEnd() ?? ".");
  // what a directory's own files say counts only within it: it may have come from anywhere
  if (own === `${checkout}/.git`) return own === common ? { path: ".git", own, common } : undefined;
  return knows(own, checkout) ? { path: ".git", own, common } : undefined;
}

/** A worktree's directory names the `.git` file that leads to it; a submodule's configuration names its working tree. */
function knows(git: string, checkout: string): boolean {
  const back = readWhole(`${git}/gitdir`, 4096)?.toString().trimEnd();
  if (back !== undefined) return isSame(dirname(resolve(git, back)), checkout);
  const place = settingOf(git);
  return place !== undefined && isSame(place, checkout);
}

/** `core.worktree`, absolute. */
function settingOf(git: string): string | undefined {
  const config = readWhole(`${git}/config`, limits.settingsBytes)?.toString() ?? "";
  const place = /^\s*worktree\s*=\s*"?([^"\n]+?)"?\s*$/m.exec(config)?.[1];
  return place === undefined ? undefined : resolve(git, place);
}

/** Where its working tree lies below the checkout; empty: the checkout itself. Of a submodule: as its configuration says, else by its name. */
export function workTreeOf({ path, own }: RepositoryPlace, checkout: string): string {
  if (isGitName(basename(path))) return path.split("/").slice(0, -1).join("/");
  const place = settingOf(own);
  if (place?.startsWith(`${checkout}/`) === true) return place.slice(checkout.length + 1);
  return path.replace(/^\.git\/modules\//, "").replaceAll("/modules/", "/");
}

function isSame(left: string, right: string): boolean {
  try {
    return realpathSync(left) === realpathSync(right);
  } catch {
    return false;
  }
}
