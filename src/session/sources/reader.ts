// Reads the files of a session's checkouts, and of trees that are protected, and tells them to the inspector's thread, and later again
// those that changed. In a thread of its own: who waits for a request does not wait for a disk. Enters: places, ours; names and
// contents there are *attacker-controlled*: no link is followed, nothing but regular files is read, and what is too large or too
// much is counted.

import { isMainThread, type MessagePort, workerData } from "node:worker_threads";
import { type Keyed, keyHashes } from "../../inspection/source/keyed.ts";
import { isLockFile } from "../../inspection/source/omit.ts";
import { printOf, publicPrintOf } from "../../inspection/source/print.ts";
import { type Labelling, labellingOf } from "../../policy/labels.ts";
import { standAt } from "../../review/foothold.ts";
import { statLink } from "../../review/leaf.ts";
import type { IncomingTold } from "../inspecting/incoming.ts";
import { type Dependencies, openDependencies } from "./dependencies.ts";
import type { Told } from "./desk.ts";
import { expectedOctets } from "./expecting.ts";
import { type Keeping, openKeeping } from "./keeping.ts";
import { openTaking, standingOf } from "./kept-files.ts";
import type { KeptPlace } from "./kept-place.ts";
import { type TakenFile, tellKept } from "./kept-telling.ts";
import { nameFor } from "./labels.ts";
import { filesIn, labelsIn, listRoot, placeIn, type SourceRoot } from "./listing.ts";
import { type Look, lookAt, readLooked } from "./look.ts";

export interface Reading {
  readonly roots: readonly SourceRoot[];
  /** Dependencies that are one's own: globs. */
  readonly trusted: readonly string[];
  /** Where what was read is kept; undefined: nowhere. */
  readonly kept: KeptPlace | undefined;
  /** Under which all that is told is hashed. */
  readonly key: Uint8Array;
  readonly port: MessagePort;
}

/** What the inspector's thread says: all that was told is taken in, or look again. */
export type ReaderOrder = "taken" | "again";

/** Protected trees have as much again as the checkouts, so that neither pushes the other out. */
export const bounds = {
  files: 50_000,
  /** Octets of one file, and of all. */
  file: 4 * 2 ** 20,
  all: 256 * 2 ** 20,
  /** Octets told before the first of them were taken in. */
  ahead: 8 * 2 ** 20,
} as const;

/** Milliseconds between two looks at all dependencies. */
const dependencyRest = 10_000;

interface Seen {
  readonly root: SourceRoot;
  readonly path: string;
  /** What it looked like. */
  mark: string;
  /** Octets told. */
  size: number;
}

interface Directory {
  readonly root: SourceRoot;
  readonly path: string;
  /** One that is unchanged has no new name in it. */
  time: string;
}

export interface Settings {
  /** Milliseconds, as files' times are told. */
  readonly now: () => number;
  /** Milliseconds between two writings of what is kept. */
  readonly rest: number;
  /** Of either kind of tree. */
  readonly files: number;
}

const settings: Settings = { now: Date.now, rest: 60_000, files: bounds.files };

type Listed = readonly (readonly [SourceRoot, readonly string[]])[];

export class Reader {
  readonly #port: MessagePort;
  readonly #roots: readonly SourceRoot[];
  readonly #labellings: ReadonlyMap<SourceRoot, Labelling>;
  /** By absolute path. */
  readonly #known = new Map<string, Seen>();
  readonly #directories = new Map<string, Directory>();
  readonly #unread = new Set<string>();
  readonly #held = { workspace: { files: 0, octets: 0 }, protected: { files: 0, octets: 0 } };
  readonly #dependencies: Dependencies;
  readonly #keeping: Keeping;
  readonly #now: () => number;
  readonly #files: number;
  readonly #key: Uint8Array;
  readonly #keyed: Keyed;
  #ahead = 0;
  #first = true;
  /** Files that were read, each time. */
  #reads = 0;
  #resume: (() => void) | undefined;
  /** When dependencies were read last; undefined: they are being read. */
  #rested: number | undefined;

  constructor({ roots, trusted, kept, key, port }: Reading, { now, rest, files }: Settings = settings) {
    [this.#now, this.#files] = [now, files];
    this.#roots = roots;
    this.#port = port;
    this.#keeping = openKeeping(kept, rest, ({ checkout }, path) => this.#known.has(`${checkout}/${path}`));
    [this.#key, this.#keyed] = [key, keyHashes(key)];
    this.#dependencies = openDependencies({
      roots,
      trusted,
      tell: (told) => this.#tell(told),
      taken: () => this.#taken(),
    });
    port.on("message", (order: ReaderOrder) => {
      if (order === "again") this.readAgain();
      else this.#resume?.();
    });
    this.#labellings = new Map(roots.map((root) => [root, labellingOf(root.labels)]));
  }

  async readAll(): Promise<void> {
    const listed: (readonly [SourceRoot, readonly string[]])[] = [];
    for (const root of this.#roots) listed.push([root, await listRoot(root)]);
    const left = this.#takeKept(listed);
    for (const [root, paths] of left)
      for (const path of paths) {
        this.#look(root, path);
        if (this.#ahead > bounds.ahead) await this.#taken();
      }
    this.#first = false;
    this.#tell({ kind: "whole", unread: this.#unread.size, read: this.#reads });
    this.#keeping.finish();
    await this.#readDependencies();
  }

  /** What was read by an earlier session and lies there as it did; gives the rest. */
  #takeKept(listed: Listed): Listed {
    const taken: TakenFile[] = [];
    const left = listed.map(([root, paths]) => [root, this.#takeKeptOf(root, paths, taken)] as const);
    const expected = expectedOctets(left);
    if (taken.length === 0) this.#tell({ kind: "expected", octets: expected });
    else {
      const { told, left: others } = tellKept(this.#key, taken, expected);
      this.#tell(told);
      for (const one of others) this.#tellFile(one);
    }
    return left;
  }

  /** Those that are to be read have their place already, in the order in which all would have been. */
  #takeKeptOf(root: SourceRoot, paths: readonly string[], taken: TakenFile[]): readonly string[] {
    const records = this.#keeping.load(root);
    if (records.size === 0) return paths;
    const take = openTaking(root, records);
    return paths.filter((path) => {
      const name = `${root.checkout}/${path}`;
      const look = lookAt(`${root.tree}/${path}`);
      if (look?.isFile !== true || this.#known.has(name) || this.#isFull(root, look)) return true;
      const seen = this.#begin(name, { root, path, mark: "", size: 0 });
      const print = take(path, look);
      this.#resize(seen, print?.octets ?? (look.size > bounds.file ? 0 : look.size));
      if (print === undefined) return true;
      seen.mark = look.mark;
      const file = { path: name, relative: path, label: root.label, labels: this.#labelsOf(root, path), print };
      taken.push(file);
      if (standingOf(root, path) === "licence" && print.kind === "public")
        this.#tell({ kind: "own", passages: print.passages });
      return false;
    });
  }

  #isFull({ label }: SourceRoot, { size }: Look): boolean {
    const held = this.#held[label];
    return held.files >= this.#files || held.octets + size > bounds.all;
  }

  /** After all that is the checkouts' own, and never in its way. */
  async #readDependencies(): Promise<void> {
    this.#rested = undefined;
    await this.#dependencies.read();
    this.#rested = performance.now();
  }

  /** What changed since; new names in directories that are known. */
  readAgain(): void {
    for (const { root, path } of [...this.#known.values()]) this.#look(root, path);
    for (const directory of [...this.#directories.values()]) {
      const { root, path: within } = directory;
      if (timeOf(statLink(placeIn(root, within))) === directory.time) continue;
      for (const path of filesIn(root, within))
        if (!this.#known.has(`${root.checkout}/${path}`)) this.#look(root, path);
      directory.time = timeOf(statLink(placeIn(root, within)));
    }
    this.#tell({ kind: "whole", unread: this.#unread.size, read: this.#reads });
    this.#keeping.saveSoon();
    if (this.#rested !== undefined && performance.now() - this.#rested > dependencyRest) void this.#readDependencies();
  }

  /** All that was told is taken in. */
  async #taken(): Promise<void> {
    this.#ahead = 0;
    this.#tell({ kind: "asked" });
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#resume = resolve;
    await promise;
  }

  #look(root: SourceRoot, path: string): void {
    const name = `${root.checkout}/${path}`;
    const look = lookAt(`${root.tree}/${path}`);
    const seen = this.#known.get(name);
    if (look?.isFile !== true) {
      if (seen !== undefined) this.#forget(name, seen);
      this.#unread.delete(name);
      return;
    }
    const { mark } = look;
    if (seen?.mark === mark) return;
    if (seen === undefined && this.#isFull(root, look)) this.#unread.add(name);
    else this.#read(name, seen ?? this.#begin(name, { root, path, mark, size: 0 }), mark);
  }

  #begin(name: string, seen: Seen): Seen {
    this.#known.set(name, seen);
    this.#held[seen.root.label].files += 1;
    const { root } = seen;
    for (let path = above(seen.path); path !== undefined; path = above(path)) {
      const directory = path === "" ? root.checkout : `${root.checkout}/${path}`;
      if (this.#directories.has(directory)) break;
      this.#directories.set(directory, { root, path, time: timeOf(statLink(placeIn(root, path))) });
    }
    return seen;
  }

  #read(name: string, seen: Seen, mark: string): void {
    const { root, path } = seen;
    // a directory on the way may be a link by now, to where the tool sees nothing
    using stand = standAt(root.tree, path);
    const read = stand === undefined ? undefined : readLooked(stand.directory.at(stand.name), bounds.file, this.#now);
    seen.mark = mark;
    this.#reads += 1;
    this.#ahead += read?.octets.length ?? 0;
    this.#resize(seen, read?.octets.length ?? 0);
    this.#unread.delete(name);
    if (read === undefined) {
      this.#unread.add(name);
      this.#tell({ kind: "gone", path: name });
      return;
    }
    const labels = this.#labelsOf(root, path);
    const { octets } = read;
    const standing = standingOf(root, path);
    const known = nameFor({ path: name, labels, first: this.#first });
    const print = standing === "own" ? printOf(known, octets, this.#keyed) : publicPrintOf(octets, this.#keyed);
    if (!isLockFile(path)) this.#keeping.note(root, path, { read, print });
    this.#tellFile({ path: name, relative: path, label: root.label, labels, print });
    if (standing === "licence" && this.#first && print.kind === "public")
      this.#tell({ kind: "own", passages: print.passages });
  }

  #tellFile({ print, ...file }: TakenFile): void {
    if (print.kind === "public") this.#tell({ kind: "public", print });
    else this.#tell({ kind: "file", ...file, first: this.#first, print });
  }

  /** By every rule that means it. */
  #labelsOf(root: SourceRoot, path: string): readonly string[] {
    const labelling = this.#labellings.get(root);
    return labelling === undefined ? [] : labelsIn(root, labelling, path);
  }

  #resize(seen: Seen, size: number): void {
    this.#held[seen.root.label].octets += size - seen.size;
    seen.size = size;
  }

  /** What was told of it says nothing any more. */
  #forget(name: string, seen: Seen): void {
    this.#resize(seen, 0);
    this.#held[seen.root.label].files -= 1;
    this.#known.delete(name);
    this.#tell({ kind: "gone", path: name });
  }

  #tell(told: Told | IncomingTold): void {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port, not a window
    this.#port.postMessage(told);
  }
}

/** The directory it lies in; undefined above the root. */
const above = (path: string): string | undefined =>
  path === "" ? undefined : path.includes("/") ? path.slice(0, path.lastIndexOf("/")) : "";
const timeOf = (stats: ReturnType<typeof statLink>): string =>
  stats === undefined ? "" : `${stats.mtimeMs} ${stats.ino}`;

if (!isMainThread) void new Reader(workerData as Reading).readAll();
