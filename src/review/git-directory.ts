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
  ["config", "<git>/config"],
  ["config.worktree", "<git>/config.worktree"],
  ["info/attributes", "<git>/info/attributes"],
  ["commondir", "<git>/commondir"],
  ["gitdir", "<git>/gitdir"],
];

/** The row of a symbolic link in a git directory that is none of these parts. */
export const linkPattern = "<git>/… (links)";

/** Where git writes by names of its own choosing: logs are appended to, references made, objects stored, a rebase's steps told. */
export const writtenTrees: ReadonlySet<string> = new Set(
  ["refs", "logs", "objects", "info", "rr-cache", "lfs", "reftable"].concat(
    "rebase-merge",
    "rebase-apply",
    "sequencer",
  ),
);

/** git runs a hook by its exact name, so what ends so never runs (hook.c). */
export function isSampleHook(name: string): boolean {
  return name.endsWith(".sample");
}

/**
 * Paths an existing configuration names as holding hooks or more configuration, relative to the git directory's parent
 * or to the file itself; a hint for holding more, never a judgement.
 */
export function namedPlaces(text: string): readonly { readonly kind: "hooks" | "include"; readonly place: string }[] {
  const found: { kind: "hooks" | "include"; place: string }[] = [];
  let section = "";
  for (const line of text.split("\n")) {
    section = /^\s*\[\s*([a-z-]+)/i.exec(line)?.[1]?.toLowerCase() ?? section;
    const [, key, value] = /^(?:\s*\[[^\]]*\])?\s*([a-z]+)\s*=\s*"?([^"\n]+?)"?\s*$/i.exec(line) ?? [];
    if (key === undefined || value === undefined) continue;
    if (section === "core" && key.toLowerCase() === "hookspath") found.push({ kind: "hooks", place: value });
    if (section.startsWith("include") && key.toLowerCase() === "path") found.push({ kind: "include", place: value });
  }
  return found;
}
