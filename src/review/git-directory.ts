// What in a git directory makes git run something, and how a git directory is told: pure, by names alone. The contents
// are *attacker-controlled*.

import type { Dirent } from "node:fs";
import { fold } from "../domain/fold.ts";

/** `.git` as any file system may read it: folded, and with the short and trailing forms of NTFS. */
export function isGitName(name: string): boolean {
  if (name.length > 40 || !/^[.g]/i.test(name.trimStart())) return name.length <= 60 && fold(name) === ".git";
  return fold(name) === ".git" || /^git~1$/i.test(name);
}

/**
 * A directory git takes for a repository when it stands in it, whatever it is called (setup.c, is_git_directory): HEAD,
 * and objects with refs, or commondir.
 */
export function looksLikeRepository(entries: readonly Pick<Dirent, "name">[]): boolean {
  if (entries.length < 2) return false;
  let parts = 0;
  for (const { name } of entries) {
    if (name === "HEAD") parts |= 1;
    else if (name === "objects") parts |= 2;
    else if (name === "refs") parts |= 4;
    else if (name === "commondir") parts |= 6;
  }
  return parts === 7;
}

/** The parts of a git directory that are held, with their row in the class. */
export const gitParts: readonly (readonly [name: string, pattern: string])[] = [
  ["hooks", "<git>/hooks/"],
  ["config", "<git>/config"],
  ["config.worktree", "<git>/config.worktree"],
  ["info/attributes", "<git>/info/attributes"],
  ["commondir", "<git>/commondir"],
  ["gitdir", "<git>/gitdir"],
  ["lazygit.yml", "<git>/lazygit.yml"],
];

/** Directories whose files are held one by one: a template of git's makes the latter, empty. */
export const heldTrees = ["remotes", "branches"];

/** git writes it inside as outside, so that it is not held; empty when nothing is to be solved. */
export const solving = "MERGE_RR";

/** An index, and the part of a split one that many share (gitformat-index(5)). */
export const isIndexName = (name: string): boolean => name === "index" || name.startsWith("sharedindex.");

/** The row of a symbolic link in a git directory that is none of these parts. */
export const linkPattern = "<git>/… (links)";

/** The row of a program that a configuration names and that lies among git's own files. */
export const programPattern = "<git>/… (programs)";

/** Where git writes by names of its own choosing: logs are appended to, references made, objects stored, a rebase's steps told. */
export const writtenTrees: ReadonlySet<string> = new Set(
  ["refs", "logs", "objects", "info", "rr-cache", "lfs", "reftable"].concat(
    "rebase-merge",
    "rebase-apply",
    "sequencer",
  ),
);

/** Parts of a git directory that are directories (gitrepository-layout), those of its usual companions too; looked at by themselves. */
const ownTrees = new Set([...writtenTrees, "hooks", "worktrees", "modules", "branches", "remotes"]);

/** A directory below a git directory, by its path there, that git makes nothing of: whoever stands in it stands in a directory like any other. */
export function isForeign(path: string): boolean {
  const [top = "", second, third] = path.split("/");
  if (!ownTrees.has(top)) return true;
  if (top !== "objects" || second === undefined) return false;
  return third !== undefined ? second !== "info" : !/^(?:[0-9a-f]{2}|info|pack)$/.test(second);
}

/** git runs a hook by its exact name, so what ends so never runs (hook.c). */
export function isSampleHook(name: string): boolean {
  return name.endsWith(".sample");
}

/** Two digits of a name, the rest of it a file below: thousands, and only a link leads anybody there. */
export const isObjects = (path: string): boolean => /^objects\/[0-9a-f]{2}$/.test(path);
export const isWithinGit = (path: string): boolean => path.split("/").slice(0, -1).some(isGitName);
