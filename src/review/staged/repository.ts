// The git directories of a private copy: each with references, configuration, hooks and index of its own, its objects
// beside the checkout's, which are lent read-only. Enters: a checkout and its repositories. Leaves: what was made, and what
// is to be mounted.

import { appendFileSync, mkdirSync, realpathSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { Fault } from "../../domain/fault.ts";
import type { Found } from "../control-files.ts";
import { copyTree } from "../copy.ts";
import { type Stand, standAt } from "../foothold.ts";
import { gitFileTarget } from "../git-file.ts";
import { readWhole, statLink } from "../leaf.ts";
import { limits } from "../limits.ts";
import { readReferences } from "../references.ts";
import type { RepositoryPlace } from "../repositories.ts";
import type { CopiedRepository } from "./record.ts";

export interface Lent {
  /** Inside, where it is shown. */
  readonly path: string;
  /** On the host. */
  readonly from: string;
  readonly kind: "read" | "write";
  /** The checkout's: a link that a tool puts on the way to it must not be followed. */
  readonly exact?: boolean;
}

export interface Repositories {
  readonly all: readonly CopiedRepository[];
  /** In mounting order, after the tree. */
  readonly mounts: readonly Lent[];
  /** Where objects are borrowed from that lie outside: seen inside only where the policy shows them. */
  readonly distant: readonly string[];
}

/** Throws where a file cannot be copied. */
export function copyRepositories(
  checkout: string,
  directory: string,
  places: readonly RepositoryPlace[],
): Repositories {
  const all: CopiedRepository[] = [];
  const mounts: Lent[] = [];
  const distant: string[] = [];
  for (const [number, place] of places.entries()) {
    const around = all.find(({ path }) => place.path.startsWith(`${path}/`));
    const kept = around === undefined ? `git/${number}` : `${around.kept}${place.path.slice(around.path.length)}`;
    const inside = `${checkout}/${place.path}`;
    const { common } = place;
    copyGit(checkout, place, `${directory}/${kept}`);
    const lenders = lendersOf(`${common}/objects`);
    distant.push(...lenders);
    furnish(`${directory}/${kept}`, [`${inside}/${lent}`, ...lenders]);
    configure(place, `${directory}/${kept}`, checkout);
    copyTree(`${directory}/${kept}`, made(`${directory}/base/${number}`), {
      skip: (path) => !isBase(path),
      join: true,
    });
    if (around === undefined) {
      mounts.push({ kind: "write", path: inside, from: `${directory}/${kept}` });
      // where it is mounted: an empty directory, so that nothing in the tree opened outside is a repository
      standAt(`${directory}/tree`, `${place.path}/any`, true)?.[Symbol.dispose]();
    }
    if (isPlain(`${common}/objects`))
      mounts.push({
        kind: "read",
        path: `${inside}/${lent}`,
        from: realOf(checkout, `${common}/objects`),
        exact: true,
      });
    const references = readReferences(`${directory}/${kept}`);
    all.push({ ...place, kept, base: `base/${number}`, references });
  }
  return { all, mounts, distant };
}

const lent = "objects/lent";

/** No link: that could show any directory inside. */
function isPlain(path: string): boolean {
  return statLink(path)?.isDirectory() === true;
}

function made(path: string): string {
  mkdirSync(path, { recursive: true, mode: 0o700 });
  return path;
}

/** What is compared at the end: hooks and what git is told. */
function isBase(path: string): boolean {
  return /^(?:hooks|info)(?:\/|$)|^(?:config|config\.worktree|index)$/.test(path);
}

/** All of it but objects and what belongs to one run of git; of a linked worktree: its own, then what it shares. */
function copyGit(checkout: string, { own, common }: RepositoryPlace, to: string): void {
  mkdirSync(to, { recursive: true, mode: 0o700 });
  using itself = holdAt(checkout, own);
  copyTree(itself.directory.at(itself.name), to, {
    skip: (path) => isLeft(path) || /^(?:commondir|gitdir)$/.test(path),
    join: true,
  });
  if (own === common) return;
  const others = /^(?:HEAD|index|ORIG_HEAD|[A-Z]+_HEAD|worktrees|logs\/HEAD|rebase-|sequencer|BISECT)/;
  using shared = holdAt(checkout, common);
  copyTree(shared.directory.at(shared.name), to, { skip: (path) => isLeft(path) || others.test(path), join: true });
}

/** As it was found: in the checkout by names that are no links, elsewhere as it really lies. */
function realOf(checkout: string, path: string): string {
  return path.startsWith(`${checkout}/`) ? path : realpathSync(path);
}

/** Each directory on the way held open: another session's tool may put a link in its place at any moment. */
function holdAt(checkout: string, path: string): Stand {
  const stand = standAt("/", realOf(checkout, path).slice(1));
  if (stand !== undefined) return stand;
  const message = `${path} was led elsewhere while the private copy was made`;
  throw new Fault({ code: "copy", message, hint: "start it again when nothing else works in this checkout" });
}

function isLeft(path: string): boolean {
  return /^(?:objects|modules|lfs|fsmonitor--daemon|gc\.pid)(?:\/|$)|\.lock$/.test(path);
}

function furnish(git: string, lenders: readonly string[]): void {
  for (const part of ["objects/info", "objects/pack", lent, "refs"]) made(`${git}/${part}`);
  writeFileSync(`${git}/objects/info/alternates`, lenders.map((each) => `${each}\n`).join(""));
}

/** Of a linked worktree or a submodule, whose settings say where it lies; any other keeps its configuration as it is. */
function configure({ own }: RepositoryPlace, git: string, checkout: string): void {
  if (own.startsWith(`${checkout}/`)) return;
  appendFileSync(`${git}/config`, `\n[core]\n\tbare = false\n\tworktree = ${JSON.stringify(checkout)}\n`);
}

/** Object directories these objects borrow from, and those from theirs (gitrepository-layout, objects/info/alternates). */
function lendersOf(objects: string): readonly string[] {
  const queue = [objects];
  for (const each of queue) {
    const text = readWhole(`${each}/info/alternates`, limits.settingsBytes)?.toString() ?? "";
    for (const line of text.split("\n")) {
      const place = resolve(each, line);
      if (line !== "" && !line.startsWith("#") && !queue.includes(place) && queue.length < 16) queue.push(place);
    }
  }
  return queue.slice(1);
}

/** `.git` files below the checkout's root lead into directories that come along under the same path. */
export function copyGitFiles(checkout: string, tree: string, found: Found): void {
  for (const leaf of found.leaves.values()) {
    if (leaf.pattern !== ".git" || leaf.kind !== "file" || leaf.path === ".git") continue;
    if (gitFileTarget(leaf.text, `${checkout}/${leaf.path}`) === undefined) continue;
    using stand = standAt(tree, leaf.path, true);
    if (stand !== undefined) writeFileSync(stand.directory.at(stand.name), leaf.text ?? "", { flag: "wx" });
  }
}
