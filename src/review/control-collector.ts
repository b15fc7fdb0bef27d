// Gathers what one walk meets: what is to be held, the manifest of control files, git directories and their parts.
// Enters: paths and kinds of entries, *attacker-controlled*; leaves: `Collected`. Entering a path twice changes nothing.

import { readdirSync, readlinkSync, realpathSync } from "node:fs";
import { dirname, relative, resolve } from "node:path";
import type { Digest } from "../domain/brand.ts";
import type { EntryKind } from "./control-class.ts";
import { entriesOf } from "./entries.ts";
import { gitParts, isSampleHook, linkPattern, namedPlaces, writtenTrees } from "./git-directory.ts";
import { type Leaf, readLeaf, readWhole, statLink } from "./leaf.ts";
import { limits } from "./limits.ts";

/** One thing that is made read-only for a session. */
export interface Held {
  /** Relative to the workspace. */
  readonly path: string;
  /** A link cannot be mounted over: what it points to is held beside it, and the sweep notices when it is replaced. */
  readonly kind: "file" | "directory" | "symlink";
  readonly pattern: string;
  readonly sha256: Digest | undefined;
  readonly device: number;
  readonly inode: number;
}

export interface Odd {
  readonly path: string;
  readonly what: string;
}

export interface Collected {
  /** Nothing of it was unwritable inside: whoever changed a control file, it may have been the tool. */
  readonly unheld?: boolean;
  /** Real path. */
  readonly workspace: string;
  /** When the walk began, milliseconds since the epoch. */
  readonly taken: number;
  readonly held: readonly Held[];
  /** Git directories, relative; each is bound on itself so that it cannot be renamed. */
  readonly repositories: readonly string[];
  /** Every git directory whose parts were looked at, those of worktrees too. */
  readonly entered: ReadonlySet<string>;
  /** Every control file by path, those below held directories too. */
  readonly leaves: ReadonlyMap<string, Leaf>;
  readonly odd: readonly Odd[];
  /** Empty directories, for undo. */
  readonly empty: readonly string[];
  /** Set where the walk met a bound: what lies beyond was not looked at. */
  readonly truncated: string | undefined;
}

const unlisted = new Set(["node_modules", "worktrees"]);

export class Collector {
  readonly #workspace: string;
  readonly #taken = Date.now();
  readonly #held = new Map<string, Held>();
  readonly #pinned = new Set<string>();
  readonly #entered = new Set<string>();
  readonly #leaves = new Map<string, Leaf>();
  readonly #odd: Odd[] = [];
  readonly #empty: string[] = [];
  #truncated: string | undefined;

  constructor(workspace: string) {
    this.#workspace = workspace;
  }

  finish(): Collected {
    return {
      workspace: this.#workspace,
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

  truncate(why: string): void {
    this.#truncated ??= why;
  }

  odd(path: string, what: string): void {
    if (this.#odd.length < limits.odd) this.#odd.push({ path, what });
    else this.truncate("too many sockets and devices");
  }

  empty(path: string): void {
    if (path !== "" && this.#empty.length < limits.empty) this.#empty.push(path);
  }

  /** An entry that fell under a row of the class. */
  control(path: string, kind: EntryKind, pattern: string): void {
    if (kind === "directory") this.#directory(path, pattern);
    else this.#leaf(path, pattern, true);
    if (kind === "symlink") this.#target(path, pattern);
  }

  /** An entry called `.git`. */
  gitEntry(path: string, kind: EntryKind): void {
    if (kind === "directory") {
      this.repository(path);
      return;
    }
    this.#leaf(path, ".git", true);
    const text = this.#leaves.get(path)?.text;
    const place = kind === "symlink" ? this.#inside(path) : gitFileTarget(text, this.#absolute(path));
    const target = place === undefined ? undefined : this.#relative(place);
    if (target !== undefined && statLink(this.#absolute(target))?.isDirectory()) this.repository(target);
  }

  /** A git directory: its parts are held, it is pinned, those within it are entered. */
  repository(path: string, pinned = true): void {
    if (this.#entered.has(path) || this.#full()) return;
    this.#entered.add(path);
    if (pinned && path !== "") this.#pinned.add(path);
    this.#hooks(join(path, "hooks"));
    for (const [name, pattern] of gitParts) {
      const part = join(path, name);
      const kind = this.#kind(part);
      if (kind === "file" || kind === "symlink") this.control(part, kind, pattern);
      if (name.startsWith("config")) this.#named(path, part);
    }
    this.#links(path, 0);
    for (const name of this.#list(join(path, "worktrees"))) {
      const worktree = join(path, `worktrees/${name}`);
      if (!this.#link(worktree)) this.repository(worktree, false);
    }
    this.#modules(join(path, "modules"), 0);
  }

  /** Links among what git writes; not each object, which has its name of its content. */
  #links(directory: string, depth: number): void {
    for (const entry of entriesOf(this.#absolute(directory)) ?? []) {
      const path = join(directory, entry.name);
      if (entry.isSymbolicLink() && !(entry.name === "HEAD" && this.#namesBranch(path))) this.#link(path);
      if (!entry.isDirectory() || isObjects(path)) continue;
      const within = depth > 0 || writtenTrees.has(entry.name);
      if (within && depth > limits.gitDepth) this.truncate("references nested too deep");
      else if (within) this.#links(path, depth + 1);
    }
  }

  /** `core.preferSymlinkRefs`: HEAD is a link then, and each switch of a branch makes a new one. */
  #namesBranch(head: string): boolean {
    try {
      return /^refs(?:\/[^./][^/]*)+$/.test(readlinkSync(this.#absolute(head)));
    } catch {
      return false;
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

  #hooks(path: string): void {
    const kind = this.#kind(path);
    if (kind === "directory" || kind === "symlink") this.control(path, kind, "<git>/hooks/");
  }

  /** Places an existing configuration names; held because git runs what lies there. */
  #named(repository: string, configuration: string): void {
    for (const { kind, place } of namedPlaces(this.#leaves.get(configuration)?.text ?? "")) {
      const base = kind === "hooks" ? dirname(this.#absolute(repository)) : dirname(this.#absolute(configuration));
      const target = this.#relative(resolve(base, place));
      if (target === undefined || target === "" || repository.startsWith(`${target}/`)) continue;
      const is = this.#kind(target);
      if (is === "directory" && kind === "hooks") this.control(target, is, "<git>/hooks/");
      if (is === "file" && kind === "include") this.control(target, is, "<git>/config");
    }
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
      else if (!unlisted.has(name)) this.#below(path, pattern, depth + 1);
    }
  }

  #leaf(path: string, pattern: string, held: boolean): void {
    const known = this.#leaves.get(path);
    if (known === undefined && this.#full()) return;
    const leaf = known ?? readLeaf(this.#workspace, path, pattern);
    if (leaf === undefined) return;
    this.#leaves.set(path, leaf);
    if (held && leaf.kind !== "other") this.#hold(path, { ...leaf, kind: leaf.kind });
  }

  /** What a link of the class points to is a control file too, when it lies in the workspace. */
  #target(link: string, pattern: string): void {
    const target = this.#inside(link);
    const path = target === undefined ? undefined : this.#relative(target);
    // a link to the workspace or to a directory around itself would hold everything
    if (path === undefined || path === "" || link.startsWith(`${path}/`)) return;
    const kind = this.#kind(path);
    if (kind === "directory" || kind === "file") this.control(path, kind, pattern);
  }

  #hold(path: string, held: Omit<Held, "path">): void {
    const { kind, pattern, sha256, device, inode } = held;
    if (!this.#held.has(path)) this.#held.set(path, { path, kind, pattern, sha256, device, inode });
  }

  #inside(link: string): string | undefined {
    try {
      return realpathSync(this.#absolute(link));
    } catch {
      return undefined;
    }
  }

  #full(): boolean {
    if (this.#leaves.size + this.#entered.size < limits.leaves) return false;
    this.truncate("too many control files");
    return true;
  }

  #list(directory: string): readonly string[] {
    if (this.#kind(directory) !== "directory") return [];
    try {
      return readdirSync(this.#absolute(directory));
    } catch {
      this.odd(directory, "directory cannot be listed");
      return [];
    }
  }

  #kind(path: string): EntryKind | undefined {
    const stats = statLink(this.#absolute(path));
    if (stats === undefined) return undefined;
    if (stats.isDirectory()) return "directory";
    return stats.isFile() ? "file" : stats.isSymbolicLink() ? "symlink" : "other";
  }

  #absolute(path: string): string {
    return path === "" ? this.#workspace : `${this.#workspace}/${path}`;
  }

  #relative(absolute: string): string | undefined {
    const path = relative(this.#workspace, absolute);
    return path === ".." || path.startsWith("../") || path.startsWith("/") ? undefined : path;
  }
}

/** Two hexadecimal digits of a name, the rest of it a file below. */
const isObjects = (path: string): boolean => /(?:^|\/)objects\/[0-9a-f]{2}$/.test(path);

function join(directory: string, name: string): string {
  return directory === "" ? name : `${directory}/${name}`;
}

/** `gitdir: <path>` (gitrepository-layout), relative to the file's own directory → absolute. */
export function gitFileTarget(text: string | undefined, file: string): string | undefined {
  const place = /^gitdir: ([^\n\0]+)\n*$/.exec(text ?? "")?.[1];
  return place === undefined ? undefined : resolve(dirname(file), place);
}

/** The index a working tree's own git uses; undefined where there is none. */
export function gitDirectoryOf(workTree: string): string | undefined {
  const git = `${workTree}/.git`;
  const stats = statLink(git);
  if (stats?.isDirectory()) return git;
  return stats?.isFile() ? gitFileTarget(readWhole(git, 4096)?.toString(), git) : undefined;
}
