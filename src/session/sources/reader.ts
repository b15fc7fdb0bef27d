// Reads the files of a session's checkouts, and of trees that are protected, and tells them to the inspector's thread, and later again
// those that changed. In a thread of its own: who waits for a request does not wait for a disk. Enters: places, ours; names and
// contents there are *attacker-controlled*: no link is followed, nothing but regular files is read, and what is too large or too
// much is counted.

import type { Stats } from "node:fs";
import { type MessagePort, workerData } from "node:worker_threads";
import { type Labelling, labellingOf } from "../../policy/labels.ts";
import { standAt } from "../../review/foothold.ts";
import { readWhole, statLink } from "../../review/leaf.ts";
import type { IncomingTold } from "../inspecting/incoming.ts";
import { type Dependencies, openDependencies } from "./dependencies.ts";
import type { Told } from "./desk.ts";
import { expectedOctets } from "./expecting.ts";
import { filesIn, labelsIn, listRoot, placeIn, type SourceRoot } from "./listing.ts";

export interface Reading {
  readonly roots: readonly SourceRoot[];
  /** Dependencies that are one's own: globs. */
  readonly trusted: readonly string[];
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

/** What others wrote, kept among one's own. */
const others = /(?:^|\/)(?:vendor|third[_-]party|node_modules|bower_components)\//i;
/** What everybody has. */
const licences = /(?:^|\/)(?:LICENSE|LICENCE|COPYING|NOTICE)[^/]*$/i;
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

class Reader {
  readonly #port: MessagePort;
  readonly #roots: readonly SourceRoot[];
  readonly #labellings: ReadonlyMap<SourceRoot, Labelling>;
  /** By absolute path. */
  readonly #known = new Map<string, Seen>();
  readonly #directories = new Map<string, Directory>();
  readonly #unread = new Set<string>();
  readonly #held = { workspace: { files: 0, octets: 0 }, protected: { files: 0, octets: 0 } };
  readonly #dependencies: Dependencies;
  #ahead = 0;
  #first = true;
  #resume: (() => void) | undefined;
  /** When dependencies were read last; undefined: they are being read. */
  #rested: number | undefined;

  constructor({ roots, trusted, port }: Reading) {
    this.#roots = roots;
    this.#port = port;
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
    this.#tell({ kind: "expected", octets: expectedOctets(listed) });
    for (const [root, paths] of listed)
      for (const path of paths) {
        this.#look(root, path);
        if (this.#ahead > bounds.ahead) await this.#taken();
      }
    this.#first = false;
    this.#tell({ kind: "whole", unread: this.#unread.size });
    await this.#readDependencies();
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
    this.#tell({ kind: "whole", unread: this.#unread.size });
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
    const stats = statLink(`${root.tree}/${path}`);
    const seen = this.#known.get(name);
    if (stats?.isFile() !== true) {
      if (seen !== undefined) this.#forget(name, seen);
      this.#unread.delete(name);
      return;
    }
    const mark = markOf(stats);
    if (seen?.mark === mark) return;
    const held = this.#held[root.label];
    const full = held.files >= bounds.files || held.octets + stats.size > bounds.all;
    if (seen === undefined && full) this.#unread.add(name);
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
    const octets = stand === undefined ? undefined : readWhole(stand.directory.at(stand.name), bounds.file);
    seen.mark = mark;
    this.#ahead += octets?.length ?? 0;
    this.#resize(seen, octets?.length ?? 0);
    this.#unread.delete(name);
    if (octets === undefined) {
      this.#unread.add(name);
      this.#tell({ kind: "gone", path: name });
    } else if (root.label === "workspace" && others.test(path)) this.#tell({ kind: "public", octets });
    else if (root.label === "workspace" && licences.test(path)) {
      this.#tell({ kind: "public", octets });
      if (this.#first) this.#tell({ kind: "own", octets });
    } else {
      const { label } = root;
      const labels = this.#labelsOf(root, path);
      this.#tell({ kind: "file", path: name, relative: path, label, labels, first: this.#first, octets });
    }
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
const markOf = ({ mtimeMs, ctimeMs, size, ino }: Stats): string => [mtimeMs, ctimeMs, size, ino].join(" ");
const timeOf = (stats: Stats | undefined): string => (stats === undefined ? "" : `${stats.mtimeMs} ${stats.ino}`);

void new Reader(workerData as Reading).readAll();
