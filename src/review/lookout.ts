// Watches a checkout while a session works in it, and puts new control files away soon after they appear, so that nothing
// that watches the checkout from outside runs them for long. What was there before is held, and left to the sweep at the
// end, as is everything this does not see in time. Enters: names from the kernel (inotify), *attacker-controlled*.
// Residue: a quarter of a second and whatever a busy machine adds; directories beyond the bound.

import { type Dirent, type FSWatcher, watch } from "node:fs";
import { basename } from "node:path";
import { Fault } from "../domain/fault.ts";
import { matchControl } from "./control-class.ts";
import { type Found, findControlFilesIn } from "./control-files.ts";
import { entriesOf } from "./entries.ts";
import type { ReviewFault } from "./git.ts";
import { isGitName } from "./git-directory.ts";
import { statLink } from "./leaf.ts";
import { limits } from "./limits.ts";
import type { Quarantined } from "./quarantine.ts";
import { isQuarantined, sweepNew } from "./sweep.ts";

/** Told at once. */
export interface Sight {
  readonly quarantined: (item: Quarantined) => void;
  readonly failed: (fault: ReviewFault) => void;
  readonly came?: (path: string, arrival: Arrival) => void;
  /** There are more directories than are watched. */
  readonly unwatched?: () => void;
}

/** A name that is there; `fresh`: it has just come, or another file has taken it. */
export interface Arrival {
  readonly entry: Pick<Dirent, "isFile" | "isDirectory" | "isSymbolicLink">;
  readonly fresh: boolean;
}

export class Lookout implements AsyncDisposable {
  readonly #before: Found;
  readonly #quarantine: string;
  readonly #sight: Sight;
  readonly #watchers = new Map<string, FSWatcher>();
  readonly #queue: string[] = [""];
  readonly #dirty = new Set<string>();
  readonly #known: ReadonlySet<string>;
  /** Where the checkout's repositories lie: what a new `.git` file leads to is judged with them. */
  readonly #homes: readonly string[];
  #timer: NodeJS.Timeout | undefined;
  /** By then it is looked, quiet or not: a tool could go on making names. */
  #due: number | undefined;
  #working: Promise<void> = Promise.resolve();
  /** Not looked again before: a tool that goes on making control files gets a fifth of this process's time for it. */
  #rested = 0;
  #closed = false;

  constructor(before: Found, quarantine: string, sight: Sight) {
    this.#before = before;
    this.#quarantine = quarantine;
    this.#sight = sight;
    this.#known = new Set([...before.leaves.keys(), ...before.held.map(({ path }) => path), ...before.repositories]);
    this.#homes = before.repositories.filter((path) => isGitName(basename(path))).map(parentOf);
    setImmediate(() => this.#enter());
  }

  /** Some directories at a time, so that nobody at the terminal waits; each is looked at once it is watched. */
  #enter(): void {
    for (let count = 0; count < 100 && !this.#closed; count += 1) {
      const directory = this.#queue.pop();
      if (directory === undefined) return;
      if (this.#watch(directory))
        for (const entry of this.#entries(directory)) this.#found(join(directory, entry.name), entry);
    }
    if (this.#queue.length > 0) setImmediate(() => this.#enter());
  }

  #entries(directory: string): readonly Dirent[] {
    return entriesOf(`${this.#before.workspace}/${directory}`) ?? [];
  }

  /** False where it is watched already, or cannot be. */
  #watch(directory: string): boolean {
    if (this.#watchers.has(directory)) return false;
    if (this.#watchers.size >= limits.watched) {
      this.#sight.unwatched?.();
      return false;
    }
    try {
      const watcher = watch(`${this.#before.workspace}/${directory}`, { persistent: false }, (kind, name) => {
        if (name !== null) this.#seen(join(directory, name), kind);
      });
      // gone, or the kernel has no more watches: the sweep at the end looks all the same
      watcher.on("error", () => this.#leave(directory));
      this.#watchers.set(directory, watcher);
      return true;
    } catch (error) {
      // it may be gone again
      if (error instanceof Error && "code" in error && error.code !== "ENOENT") this.#sight.unwatched?.();
      return false;
    }
  }

  /** Something with this name came, went or changed. */
  #seen(path: string, kind: string): void {
    const stats = kind === "rename" ? statLink(`${this.#before.workspace}/${path}`) : undefined;
    if (stats !== undefined) this.#sight.came?.(path, { entry: stats, fresh: true });
    if (kind === "rename" && stats === undefined) this.#leave(path);
    else if (stats?.isDirectory() === true && isWatched(path)) {
      // another may have taken its name: the watch went with the one before
      this.#leave(path);
      this.#come(path);
    }
    this.#note(path, stats?.isSymbolicLink() === true);
  }

  #come(directory: string): void {
    this.#queue.push(directory);
    if (this.#queue.length === 1) setImmediate(() => this.#enter());
  }

  /** It may have been moved: what lies below is found again where it is now. */
  #leave(directory: string): void {
    if (!this.#watchers.has(directory)) return;
    for (const [path, watcher] of this.#watchers) {
      if (path !== directory && !path.startsWith(`${directory}/`)) continue;
      watcher.close();
      this.#watchers.delete(path);
    }
  }

  #found(path: string, entry: Dirent): void {
    if (entry.isDirectory() && isWatched(path)) this.#queue.push(path);
    this.#sight.came?.(path, { entry, fresh: false });
    if (!this.#known.has(path)) this.#note(path, entry.isSymbolicLink());
  }

  #note(path: string, link: boolean): void {
    const place = placeOf(path, link);
    if (place === undefined || this.#closed) return;
    this.#dirty.add(place);
    clearTimeout(this.#timer);
    const now = performance.now();
    this.#due ??= now + limits.unquiet;
    const wait = Math.max(Math.min(limits.quiet, this.#due - now), this.#rested - now);
    this.#timer = setTimeout(() => this.#look(), wait).unref();
  }

  #look(): void {
    const places = [...this.#dirty];
    this.#dirty.clear();
    this.#due = undefined;
    this.#working = this.#working.then(() => this.#putAway(places));
  }

  async #putAway(places: readonly string[]): Promise<void> {
    const began = performance.now();
    const now = findControlFilesIn(this.#before.workspace, [...new Set([...places, ...this.#homes])]);
    for (const result of await sweepNew(this.#before, now, this.#quarantine)) {
      if (isQuarantined(result)) this.#sight.quarantined(result);
      else if (result instanceof Fault) this.#sight.failed(result);
    }
    const ended = performance.now();
    this.#rested = ended + 4 * (ended - began);
  }

  /** Before the sweep at the end, which looks at everything. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    for (const watcher of this.#watchers.values()) watcher.close();
    this.#watchers.clear();
    await this.#working;
  }
}

const parentOf = (path: string): string => path.split("/").slice(0, -1).join("/");
const join = (directory: string, name: string): string => (directory === "" ? name : `${directory}/${name}`);

/** What in a git directory can make git run something, and where more git directories come. */
const gitPlaces =
  /^(?:config|config\.worktree|commondir|gitdir|hooks(?:\/.*)?|info(?:\/attributes)?|(?:modules|worktrees)(?:\/.*)?)$/;
const gitContents = /(?:^|\/)(?:objects|refs|logs|lfs)(?:\/|$)/;
/** Where git keeps contents, a link alone counts: it leads what git writes elsewhere. */
const linkable = /(?:^|\/)(?:refs|logs)(?:\/|$)|(?:^|\/)objects$/;

/** Not what packages ship, nor the objects git keeps. */
function isWatched(path: string): boolean {
  const names = path.split("/");
  if (names.length > limits.walkDepth) return false;
  const git = names.findIndex(isGitName);
  if (git < 0) return !names.includes("node_modules");
  const within = names.slice(git + 1).join("/");
  return within === "" || linkable.test(within) || (gitPlaces.test(within) && !gitContents.test(within));
}

/** The directory to be looked at for this name's sake; undefined: none. */
function placeOf(path: string, link: boolean): string | undefined {
  const names = path.split("/");
  const dependency = names.includes("node_modules");
  for (const [at, name] of names.entries()) {
    const parents = names.slice(0, at);
    if (isGitName(name)) {
      const within = names.slice(at + 1).join("/");
      return within === "" || link || gitPlaces.test(within) ? parents.join("/") : undefined;
    }
    if (!dependency && isControl(parents, name)) return parents.join("/");
  }
  // parts of a repository that is not called .git
  return /^(?:HEAD|objects|refs|commondir|config|hooks)$/.test(names.at(-1) ?? "") ? parentOf(path) : undefined;
}

function isControl(parents: readonly string[], name: string): boolean {
  return (["file", "directory", "symlink"] as const).some((kind) => matchControl(parents, name, kind) !== undefined);
}
