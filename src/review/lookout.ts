// Watches a checkout while a session works in it, and puts new control files away soon after they appear, so that nothing
// that watches the checkout from outside runs them for long. What was there before is held, and left to the sweep at the
// end, as is everything this does not see in time. Where more happened than the kernel tells, everything is looked at anew,
// again and again while that lasts. Enters: names from the kernel (inotify), *attacker-controlled*.
// Residue: a quarter of a second and whatever a busy machine adds; directories beyond the bound.

import type { Dirent } from "node:fs";
import { basename } from "node:path";
import { Fault } from "../domain/fault.ts";
import { matchControl } from "./control-class.ts";
import { type Found, findControlFilesIn } from "./control-files.ts";
import { type Entry, join, rawEntriesOf } from "./entries.ts";
import { openUp } from "./foothold.ts";
import type { ReviewFault } from "./git.ts";
import { isForeign, isGitName } from "./git-directory.ts";
import { statLink } from "./leaf.ts";
import { limits } from "./limits.ts";
import type { Quarantined } from "./quarantine.ts";
import { shutIn } from "./shut.ts";
import { isQuarantined, sweepNew } from "./sweep.ts";
import { Watches } from "./watches.ts";

/** Told at once. */
export interface Sight {
  readonly quarantined: (item: Quarantined) => void;
  readonly failed: (fault: ReviewFault) => void;
  /** Leaves: a directory that is to be looked into anew, and watched wherever it lies. */
  readonly came?: (path: string, arrival: Arrival) => string | undefined;
  /** There are more directories than are watched. */
  readonly unwatched?: () => void;
  /** It ended before all that the kernel did not tell of was looked at. */
  readonly missed?: () => void;
}

/**
 * A name that is there. `start`: when the session began; `now`: it has just come, or another file has taken it; `again`: found by
 * another look at everything, and it may be either.
 */
export interface Arrival {
  readonly entry: Pick<Dirent, "isFile" | "isDirectory" | "isSymbolicLink">;
  readonly seen: "start" | "now" | "again";
}

export class Lookout implements AsyncDisposable {
  readonly #before: Found;
  readonly #quarantine: string;
  readonly #sight: Sight;
  readonly #watches: Watches;
  readonly #queue: string[] = [""];
  /** Watched though it lies where nothing else is. */
  readonly #behind = new Set<string>();
  readonly #dirty = new Set<string>();
  readonly #known: ReadonlySet<string>;
  readonly #shut: ReadonlySet<string>;
  /** Where the checkout's repositories lie: what a new `.git` file leads to is judged with them. */
  readonly #homes: readonly string[];
  #timer: NodeJS.Timeout | undefined;
  /** By then it is looked, quiet or not: a tool could go on making names. */
  #due: number | undefined;
  #working: Promise<void> = Promise.resolve();
  /** Not looked again before: a tool that goes on making control files gets a fifth of this process's time for it. */
  #rested = 0;
  #closed = false;
  /** A look at everything is under way since then. */
  #began: number | undefined = performance.now();
  #seen: Arrival["seen"] = "start";
  /** Nothing is watched: what the kernel told was not all. */
  #blind = false;
  /** Looked at while blind. */
  #looked = 0;
  #return: NodeJS.Timeout | undefined;

  constructor(before: Found, quarantine: string, sight: Sight) {
    this.#before = before;
    this.#quarantine = quarantine;
    this.#sight = sight;
    this.#known = new Set([...before.leaves.keys(), ...before.held.map(({ path }) => path), ...before.repositories]);
    this.#shut = shutIn(before);
    this.#homes = before.repositories.filter((path) => isGitName(basename(path))).map(parentOf);
    this.#watches = new Watches(before.workspace, {
      seen: (directory, name, kind) => this.#happened(join(directory, name), kind),
      flooded: () => this.#lose(),
    });
    setImmediate(() => this.#enter());
  }

  /** Some directories at a time, so that nobody at the terminal waits; each is looked at once it is watched. */
  #enter(): void {
    for (let count = 0; count < 100 && !this.#closed; count += 1) {
      const directory = this.#queue.pop();
      if (directory === undefined) break;
      if (this.#watch(directory))
        for (const entry of this.#entries(directory)) this.#found(join(directory, entry.name), entry);
    }
    if (this.#closed) return;
    if (this.#queue.length > 0) setImmediate(() => this.#enter());
    else this.#entered();
  }

  #entries(directory: string): readonly Entry[] {
    return rawEntriesOf(`${this.#before.workspace}/${directory}`) ?? [];
  }

  #entered(): void {
    if (this.#began === undefined) return;
    const took = performance.now() - this.#began;
    this.#began = undefined;
    if (this.#blind) this.#lookAgain(took);
  }

  /** A look that is under way goes on to its end, so that what lies deep has its turn however long a flood lasts. */
  #lose(): void {
    if (this.#blind) return;
    this.#blind = true;
    if (this.#began === undefined) this.#lookAgain(0);
  }

  /** After a rest: whoever floods gets a third of this process's time for it. */
  #lookAgain(took: number): void {
    clearTimeout(this.#return);
    if (this.#closed) return;
    const look = (): void => {
      [this.#began, this.#seen, this.#blind, this.#looked] = [performance.now(), "again", false, 0];
      this.#queue.splice(0, this.#queue.length, "");
      this.#enter();
    };
    this.#return = setTimeout(look, Math.max(limits.quiet, 2 * took)).unref();
  }

  /** False where it is watched already, or cannot be. */
  #watch(directory: string): boolean {
    if (this.#watches.has(directory)) return false;
    if (this.#blind) this.#looked += 1;
    if (this.#watches.size + this.#looked > limits.watched) {
      this.#sight.unwatched?.();
      return false;
    }
    if (this.#blind) return true;
    try {
      this.#open(directory);
      return true;
    } catch (error) {
      // it may be gone again
      if (error instanceof Error && "code" in error && error.code !== "ENOENT") this.#sight.unwatched?.();
      return false;
    }
  }

  /** What cannot be listed cannot be watched. */
  #open(directory: string): void {
    try {
      this.#watches.open(directory);
    } catch (error) {
      const refused = error instanceof Error && "code" in error && error.code === "EACCES";
      if (!refused || this.#shut.has(directory) || !openUp(this.#before.workspace, directory)) throw error;
      this.#watches.open(directory);
    }
  }

  /** Something with this name came, went or changed. */
  #happened(path: string, kind: string): void {
    const stats = kind === "rename" ? statLink(`${this.#before.workspace}/${path}`) : undefined;
    if (stats !== undefined) this.#tell(path, { entry: stats, seen: "now" });
    // it may have been moved: what lies below is found again where it is now
    if (kind === "rename" && stats === undefined) this.#watches.leave(path);
    else if (stats?.isDirectory() === true && this.#isWatched(path)) {
      // another may have taken its name: the watch went with the one before
      this.#watches.leave(path);
      this.#come(path);
    }
    this.#note(path, stats?.isSymbolicLink() === true);
  }

  #tell(path: string, arrival: Arrival): void {
    const behind = this.#sight.came?.(path, arrival);
    if (behind === undefined || this.#closed) return;
    if (this.#behind.size < limits.behind) this.#behind.add(behind);
    this.#watches.leave(behind);
    this.#come(behind);
  }

  #isWatched(path: string): boolean {
    if (isWatched(path)) return true;
    const deep = path.split("/").length > limits.walkDepth || path.split("/").some(isGitName);
    return !deep && [...this.#behind].some((each) => path === each || path.startsWith(`${each}/`));
  }

  #come(directory: string): void {
    this.#queue.push(directory);
    if (this.#queue.length === 1) setImmediate(() => this.#enter());
  }

  #found(path: string, entry: Entry): void {
    if (entry.isDirectory() && this.#isWatched(path)) this.#queue.push(path);
    this.#tell(path, { entry, seen: this.#seen });
    if (!this.#known.has(path)) this.#note(path, entry.isSymbolicLink());
  }

  #note(path: string, link: boolean): void {
    const place = placeOf(path, link) ?? this.#personal(path);
    if (place === undefined || this.#closed) return;
    this.#dirty.add(place);
    clearTimeout(this.#timer);
    const now = performance.now();
    this.#due ??= now + limits.unquiet;
    const wait = Math.max(Math.min(limits.quiet, this.#due - now), this.#rested - now);
    this.#timer = setTimeout(() => this.#look(), wait).unref();
  }

  /** A name of the person's own configuration, or one above or below it. */
  #personal(path: string): string | undefined {
    const { places = [], files = [] } = this.#before.personal ?? {};
    for (const file of files)
      if (`${path}/`.startsWith(`${file}/`) || file.startsWith(`${path}/`)) return parentOf(file);
    for (const place of places) {
      const at = `/${path}/`.indexOf(`/${place}/`);
      if (at >= 0) return path.slice(0, Math.max(0, at - 1));
    }
    return undefined;
  }

  #look(): void {
    const places = [...this.#dirty];
    this.#dirty.clear();
    this.#due = undefined;
    this.#working = this.#working.then(() => this.#putAway(places));
  }

  async #putAway(places: readonly string[]): Promise<void> {
    const began = performance.now();
    const now = findControlFilesIn(this.#before, [...new Set([...places, ...this.#homes])]);
    for (const result of await sweepNew(this.#before, now, this.#quarantine)) {
      if (isQuarantined(result)) this.#sight.quarantined(result);
      else if (result instanceof Fault) this.#sight.failed(result);
    }
    const ended = performance.now();
    this.#rested = ended + 4 * (ended - began);
  }

  /** Before the sweep at the end, which looks at everything. */
  async [Symbol.asyncDispose](): Promise<void> {
    // what the kernel has queued is told first
    await new Promise((turn) => setImmediate(() => setImmediate(turn)));
    this.#closed = true;
    clearTimeout(this.#timer);
    clearTimeout(this.#return);
    this.#watches.close();
    if (this.#blind || (this.#seen === "again" && this.#began !== undefined)) this.#sight.missed?.();
    await this.#working;
  }
}

const parentOf = (path: string): string => path.split("/").slice(0, -1).join("/");

/** What in a git directory can make git run something, and where more git directories come. */
const gitPlaces =
  /^(?:config|config\.worktree|commondir|gitdir|index|MERGE_RR|lazygit\.yml|info(?:\/attributes)?|sharedindex\.[0-9a-f]+|(?:hooks|modules|worktrees|remotes|branches)(?:\/.*)?)$/;
const gitContents = /(?:^|\/)(?:objects|refs|logs|lfs)(?:\/|$)/;
/** Where git keeps contents, a link alone counts: it leads what git writes elsewhere. */
const linkable = /(?:^|\/)(?:refs|logs)(?:\/|$)|(?:^|\/)objects$/;

/** Not what packages ship, nor the objects git keeps. */
function isWatched(path: string): boolean {
  const names = path.split("/");
  if (names.length > limits.walkDepth) return false;
  const git = names.findLastIndex(isGitName);
  if (git < 0) return !names.includes("node_modules");
  const within = names.slice(git + 1).join("/");
  const known = linkable.test(within) || (gitPlaces.test(within) && !gitContents.test(within));
  return within === "" || known || isForeign(within);
}

/** The directory to be looked at for this name's sake; undefined: none. */
function placeOf(path: string, link: boolean): string | undefined {
  const names = path.split("/");
  const dependency = names.includes("node_modules");
  for (const [at, name] of names.entries()) {
    const parents = names.slice(0, at);
    if (isGitName(name)) {
      const below = names.slice(at + 1);
      const within = below.join("/");
      if (within === "" || link || gitPlaces.test(within)) return parents.join("/");
      // a directory git knows nothing of is one like any other
      if (isForeign(within) && below.length > 1) continue;
      return undefined;
    }
    if (!dependency && isControl(parents, name)) return parents.join("/");
    // it may lead to what is not looked at by itself
    if (link && !dependency && at === names.length - 1) return parents.join("/");
  }
  // parts of a repository that is not called .git
  return /^(?:HEAD|objects|refs|commondir|config|hooks)$/.test(names.at(-1) ?? "") ? parentOf(path) : undefined;
}

function isControl(parents: readonly string[], name: string): boolean {
  return (["file", "directory", "symlink"] as const).some((kind) => matchControl(parents, name, kind) !== undefined);
}
