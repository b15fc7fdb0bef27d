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
import type { IncomingTold } from "../inspecting/incoming.ts";
import { type Dependencies, openDependencies } from "./dependencies.ts";
import type { Told } from "./desk.ts";
import { Directories, type Placed } from "./directories.ts";
import { expectedOctets } from "./expecting.ts";
import { type Keeping, openKeeping } from "./keeping.ts";
import { openTaking, standingOf } from "./kept-files.ts";
import type { KeptPlace } from "./kept-place.ts";
import { type TakenFile, tellKept } from "./kept-telling.ts";
import { nameFor } from "./labels.ts";
import { labelsIn, listRoot, type SourceRoot } from "./listing.ts";
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

/** What is read first is told together: an index that is filled at once takes a third of the time. Milliseconds, octets. */
const gathering = { time: 5_000, octets: 64 * 2 ** 20 } as const;

/** Milliseconds between two looks at all dependencies. */
const dependencyRest = 10_000;

interface Seen extends Placed {
  /** What it looked like. */
  mark: string;
  /** Octets told. */
  size: number;
}

export interface Settings {
  /** Milliseconds, as files' times are told. */
  readonly now: () => number;
  /** Milliseconds between two writings of what is kept. */
  readonly rest: number;
  /** Of either kind of tree. */
  readonly files: number;
  /** Milliseconds, and octets, after which no more is read before anything is told. */
  readonly gathering: { readonly time: number; readonly octets: number };
}

export const settings: Settings = { now: Date.now, rest: 60_000, files: bounds.files, gathering };

export class Reader {
  readonly #port: MessagePort;
  readonly #roots: readonly SourceRoot[];
  readonly #labellings: ReadonlyMap<SourceRoot, Labelling>;
  /** By absolute path. */
  readonly #known = new Map<string, Seen>();
  readonly #directories = new Directories();
  readonly #unread = new Set<string>();
  readonly #held = { workspace: { files: 0, octets: 0 }, protected: { files: 0, octets: 0 } };
  readonly #dependencies: Dependencies;
  readonly #keeping: Keeping;
  readonly #now: () => number;
  readonly #files: number;
  readonly #gathering: Settings["gathering"];
  readonly #key: Uint8Array;
  readonly #keyed: Keyed;
  /** Octets that were read, and not told or not yet taken in. */
  #ahead = 0;
  /** Where what is read goes that is told together. */
  #gathered: TakenFile[] | undefined;
  #first = true;
  /** Files that were read, each time. */
  #reads = 0;
  #resume: (() => void) | undefined;
  /** When dependencies were read last; undefined: they are being read. */
  #rested: number | undefined;

  constructor({ roots, trusted, kept, key, port }: Reading, { now, rest, files, ...more }: Settings = settings) {
    [this.#now, this.#files, this.#gathering] = [now, files, more.gathering];
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
    const gathered: TakenFile[] = [];
    const left = listed.map(([root, paths]) => [root, this.#takeKeptOf(root, paths, gathered)] as const);
    const paths = left.flatMap(([root, all]) => all.map((path) => ({ root, path })));
    const expected = expectedOctets(left);
    const read = this.#gather(paths, gathered);
    this.#tellTogether(gathered, Math.max(0, expected - this.#ahead));
    for (const { root, path } of paths.slice(read)) {
      this.#look(root, path);
      if (this.#ahead > bounds.ahead) await this.#taken();
    }
    this.#first = false;
    this.#tell({ kind: "whole", unread: this.#unread.size, read: this.#reads });
    this.#keeping.finish();
    await this.#readDependencies();
  }

  /** Reads them until it has enough, or requests have waited long; gives how many it read. */
  #gather(paths: readonly Placed[], gathered: TakenFile[]): number {
    const begun = performance.now();
    const { time, octets } = this.#gathering;
    const isEnough = (): boolean => performance.now() - begun > time || this.#ahead > octets;
    let read = 0;
    this.#gathered = gathered;
    for (; read < paths.length && !isEnough(); read += 1)
      for (const { root, path } of paths.slice(read, read + 1)) this.#look(root, path);
    this.#gathered = undefined;
    return read;
  }

  /** What an earlier session read and lies there as it did, and what was read now: in one index, that is taken over as it is. */
  #tellTogether(gathered: readonly TakenFile[], expected: number): void {
    this.#ahead = 0;
    if (gathered.length === 0) {
      this.#tell({ kind: "expected", octets: expected });
      return;
    }
    const { told, left } = tellKept(this.#key, gathered, expected);
    this.#tell(told);
    for (const one of left) this.#tellFile(one);
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
    for (const { root, path } of this.#directories.listChanged())
      if (!this.#known.has(`${root.checkout}/${path}`)) this.#look(root, path);
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
    this.#directories.add(seen);
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
    if (this.#gathered !== undefined) this.#gathered.push({ ...file, print });
    else if (print.kind === "public") this.#tell({ kind: "public", print });
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

if (!isMainThread) void new Reader(workerData as Reading).readAll();
