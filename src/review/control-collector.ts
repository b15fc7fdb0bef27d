// Gathers what one walk meets: what is to be held, the manifest of control files, git directories and their parts.
// Enters: paths and kinds of entries, *attacker-controlled*; leaves: `Collected`. Entering a path twice changes nothing.

import { realpathSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { Collected, Held, Odd, Surroundings } from "./collected.ts";
import { deepPattern, type EntryKind } from "./control-class.ts";
import { belowOf, type Entry, join, kindOf, parentsIn } from "./entries.ts";
import {
  gitParts,
  heldTrees,
  isForeign,
  isGitName,
  isObjects,
  isSampleHook,
  isWithinGit,
  linkPattern,
  looksLikeRepository,
  programPattern,
  solving,
  writtenTrees,
} from "./git-directory.ts";
import { gitFileTarget, namesBranch } from "./git-file.ts";
import { kindAt, type Leaf, readLeaf, statLink } from "./leaf.ts";
import { limits } from "./limits.ts";
import { namedPlaces } from "./named-places.ts";
import { isRaw, kernelPath, nameOf } from "./raw-names.ts";
import { leadsAway } from "./repositories.ts";
import { listOpened } from "./shut.ts";

export class Collector {
  readonly workspace: string;
  readonly around: Surroundings;
  readonly #shut: ReadonlySet<string> | undefined;
  readonly #taken = Date.now();
  readonly #held = new Map<string, Held>();
  readonly #pinned = new Set<string>();
  readonly #entered = new Set<string>();
  readonly #leaves = new Map<string, Leaf>();
  readonly #odd: Odd[] = [];
  readonly #empty: string[] = [];
  #foreign: string[] = [];
  readonly #shown = new Set<string>();
  #truncated: string | undefined;

  /** `shut`: see shut.ts. */
  constructor(workspace: string, { ours, personal }: Surroundings = {}, shut?: ReadonlySet<string>) {
    this.workspace = workspace;
    this.around = { ...(ours === undefined ? {} : { ours }), ...(personal === undefined ? {} : { personal }) };
    this.#shut = shut;
  }

  finish(): Collected {
    return {
      workspace: this.workspace,
      ...this.around,
      taken: this.#taken,
      held: [...this.#held.values()],
      repositories: [...this.#pinned].sort(),
      entered: this.#entered,
      leaves: this.#leaves,
      odd: this.#odd,
      empty: this.#empty,
      truncated: this.#truncated,
    };
  }

  /** Directories among git's own that git knows nothing of, since the last call: they may hold what any directory may. */
  takeForeign(): readonly string[] {
    const foreign = this.#foreign;
    this.#foreign = [];
    return foreign;
  }

  /** A link's directory, where that lies in the workspace; not one around the link itself. */
  leadsTo(link: string): string | undefined {
    const place = this.#inside(link);
    const path = place === undefined ? undefined : belowOf(this.workspace, place);
    if (path === undefined || path === "" || link.startsWith(`${path}/`)) return undefined;
    return this.#kind(path) === "directory" ? path : undefined;
  }

  /** A directory among dependencies or git's own files is one like any other where a link leads there. */
  shows(directory: string): void {
    if (this.#shown.has(directory) || !(this.isDependency(directory) || isWithinGit(directory))) return;
    if (this.#shown.size >= limits.shown) this.truncate("too many links to what is not looked at");
    else {
      this.#shown.add(directory);
      this.#foreign.push(directory);
    }
  }

  isDependency(directory: string): boolean {
    const isBelow = (path: string): boolean => path.split("/").includes("node_modules");
    if (!isBelow(directory)) return false;
    return ![...this.#shown].some(
      (root) => (directory === root || directory.startsWith(`${root}/`)) && !isBelow(directory.slice(root.length + 1)),
    );
  }

  truncate(why: string): void {
    this.#truncated ??= why;
  }

  odd(path: string, what: string): void {
    if (this.#odd.length < limits.odd) this.#odd.push({ path, what });
    else this.truncate("too many sockets and devices");
  }

  empty(path: string): void {
    if (path !== "" && !isRaw(path) && this.#empty.length < limits.empty) this.#empty.push(path);
  }

  /** What there is of this name, if anything; and a link that stands above it. */
  named(path: string, pattern: string): void {
    const link = parentsIn(path).find((each) => this.#kind(each) === "symlink");
    if (link !== undefined) this.#leaf(link, pattern, true);
    const real = link === undefined ? this.#absolute(path) : this.#inside(path);
    const place = real === undefined ? undefined : belowOf(this.workspace, real);
    const kind = place === undefined || place === "" ? undefined : this.#kind(place);
    if (place !== undefined && kind !== undefined && kind !== "other") this.control(place, kind, pattern);
  }

  /** An entry that fell under a row of the class. */
  control(path: string, kind: EntryKind, pattern: string): void {
    if (kind === "directory") this.#directory(path, pattern);
    else this.#leaf(path, pattern, true);
    if (kind === "symlink" && pattern !== deepPattern) this.#target(path, pattern);
  }

  /** An entry called `.git`. What is entered counts as looked at: no directory by way of a link, whose parts we never see. */
  gitEntry(path: string, kind: EntryKind): void {
    if (kind === "directory") {
      this.repository(path, !isWithinGit(path));
      return;
    }
    this.#leaf(path, ".git", true);
    const text = this.#leaves.get(path)?.text;
    const place = kind === "symlink" ? this.#inside(path) : gitFileTarget(text, this.#absolute(path));
    const target = place === undefined || leadsAway(this.workspace, place) ? undefined : belowOf(this.workspace, place);
    if (target !== undefined) this.repository(target, !isWithinGit(path));
  }

  /** A git directory: its parts are held, it is pinned, those within it are entered. */
  repository(path: string, pinned = true): void {
    if (this.#entered.has(path) || this.#full()) return;
    this.#entered.add(path);
    if (pinned && path !== "" && !isRaw(path)) this.#pinned.add(path);
    for (const [name, pattern] of [...gitParts, ...this.#trees(path)]) {
      const part = join(path, name);
      const kind = this.#kind(part);
      if (kind !== undefined && kind !== "other") this.control(part, kind, pattern);
      if (name.startsWith("config")) this.#named(path, part);
    }
    if (statLink(this.#absolute(join(path, solving)))?.size !== 0)
      this.#leaf(join(path, solving), `<git>/${solving}`, false);
    this.#within(path, "", 0);
    for (const name of this.#list(join(path, "worktrees"))) {
      const worktree = join(path, `worktrees/${name}`);
      if (!this.#link(worktree)) this.repository(worktree, false);
    }
    this.#modules(join(path, "modules"), 0);
  }

  #trees(path: string): readonly (readonly [name: string, pattern: string])[] {
    return heldTrees.flatMap((tree) =>
      this.#list(join(path, tree)).map((name) => [`${tree}/${name}`, `<git>/${tree}/`] as const),
    );
  }

  /** Links among what git writes, not each object, which has its name of its content; and what is no part of a git directory. */
  #within(repository: string, at: string, depth: number): void {
    const entries = this.entries(join(repository, at));
    if (depth > 0 && looksLikeRepository(entries)) this.repository(join(repository, at), false);
    for (const entry of entries) {
      const below = join(at, entry.name);
      const path = join(repository, below);
      if (isGitName(entry.name)) this.gitEntry(path, kindOf(entry));
      else if (entry.isSymbolicLink() && !(entry.name === "HEAD" && namesBranch(this.#absolute(path))))
        this.#link(path);
      if (!entry.isDirectory() || isGitName(entry.name)) continue;
      const written = depth > 0 || writtenTrees.has(entry.name);
      if (isForeign(below)) this.#foreign.push(path);
      else if (written && depth > limits.gitDepth) this.truncate("references nested too deep");
      else if (written && !isObjects(below)) this.#within(repository, below, depth + 1);
    }
  }

  /** True where it is one. `git gc` empties what a link among the worktrees leads to, `git submodule` writes a module's settings. */
  #link(path: string): boolean {
    if (this.#kind(path) !== "symlink") return false;
    if (!this.#leaves.has(path)) this.#leaf(path, linkPattern, false);
    return true;
  }

  /** Submodules' git directories; names with slashes make directories between. */
  #modules(path: string, depth: number): void {
    for (const name of this.#list(path)) {
      const module = join(path, name);
      if (this.#link(module) || this.#kind(module) !== "directory") continue;
      if (this.#kind(join(module, "HEAD")) !== undefined) this.repository(module);
      else if (depth < 10) this.#modules(module, depth + 1);
      else this.truncate("submodules nested too deep");
    }
  }

  /** Places an existing configuration names; held because git runs what lies there. */
  #named(repository: string, configuration: string): void {
    for (const { kind, place } of namedPlaces(this.#leaves.get(configuration)?.text ?? "")) {
      if (kind === "program") this.#program(repository, place);
      const base = kind === "hooks" ? dirname(this.#absolute(repository)) : dirname(this.#absolute(configuration));
      const target = belowOf(this.workspace, resolve(base, place));
      if (target === undefined || target === "" || repository.startsWith(`${target}/`)) continue;
      const is = this.#kind(target);
      if (is === "directory" && kind === "hooks") this.control(target, is, "<git>/hooks/");
      if (is === "file" && kind === "include") this.control(target, is, "<git>/config");
    }
  }

  /** With the directory it lies in, which could give way to another. */
  #program(repository: string, place: string): void {
    const [top = "", ...below] = place.split("/");
    const kind = below.length > 0 ? "directory" : "file";
    if (this.#kind(join(repository, place)) === "file") this.control(join(repository, top), kind, programPattern);
  }

  #directory(path: string, pattern: string): void {
    const stats = statLink(this.#absolute(path));
    if (stats === undefined || this.#held.has(path)) return;
    this.#hold(path, { kind: "directory", pattern, sha256: undefined, device: stats.dev, inode: stats.ino });
    this.#below(path, pattern, 0);
  }

  #below(directory: string, pattern: string, depth: number): void {
    if (depth > 20) {
      this.truncate("control files nested too deep");
      return;
    }
    for (const name of this.#list(directory)) {
      const path = `${directory}/${name}`;
      if (pattern === "<git>/hooks/" && isSampleHook(name)) continue;
      if (this.#kind(path) !== "directory") this.#leaf(path, pattern, false);
      else if (!/^(?:node_modules|worktrees)$/.test(name)) this.#below(path, pattern, depth + 1);
    }
  }

  #leaf(path: string, pattern: string, held: boolean): void {
    const known = this.#leaves.get(path);
    if (known === undefined && this.#full()) return;
    const leaf = known ?? readLeaf(this.workspace, path, pattern);
    if (leaf === undefined) return;
    this.#leaves.set(path, leaf);
    if (held && leaf.kind !== "other") this.#hold(path, { ...leaf, kind: leaf.kind });
  }

  /** What a link of the class points to is a control file too, when it lies in the workspace. */
  #target(link: string, pattern: string): void {
    const target = this.#inside(link);
    const path = target === undefined ? undefined : belowOf(this.workspace, target);
    // a link to the workspace or to a directory around itself would hold everything
    if (path === undefined || path === "" || link.startsWith(`${path}/`)) return;
    const kind = this.#kind(path);
    if (kind === "directory" || kind === "file") this.control(path, kind, pattern);
  }

  /** A name that is no UTF-8 is not mounted over: what is changed there is put away, as what is new. */
  #hold(path: string, held: Omit<Held, "path">): void {
    if (isRaw(path)) return;
    const { kind, pattern, sha256, device, inode } = held;
    if (!this.#held.has(path)) this.#held.set(path, { path, kind, pattern, sha256, device, inode });
  }

  #inside(link: string): string | undefined {
    try {
      return nameOf(realpathSync(kernelPath(this.#absolute(link)), { encoding: "buffer" }));
    } catch {
      return undefined;
    }
  }

  #full(): boolean {
    if (this.#leaves.size + this.#entered.size < limits.leaves) return false;
    this.truncate("too many control files");
    return true;
  }

  entries(directory: string): readonly Entry[] {
    return listOpened(this.workspace, directory, { shut: this.#shut, odd: (path, what) => this.odd(path, what) });
  }

  #list(directory: string): readonly string[] {
    return this.#kind(directory) === "directory" ? this.entries(directory).map(({ name }) => name) : [];
  }

  #kind = (path: string): EntryKind | undefined => kindAt(this.#absolute(path));

  #absolute(path: string): string {
    return path === "" ? this.workspace : `${this.workspace}/${path}`;
  }
}
