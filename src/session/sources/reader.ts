// Reads the files of a session's checkouts and tells them to the inspector's thread, and later again those that changed. In a thread
// of its own: who waits for a request does not wait for a disk. Enters: places, ours; names and contents there are
// *attacker-controlled*: no link is followed, nothing but regular files is read, and what is too large or too much is counted.

import { readdirSync, type Stats } from "node:fs";
import { type MessagePort, workerData } from "node:worker_threads";
import { Fault } from "../../domain/fault.ts";
import { standAt } from "../../review/foothold.ts";
import { runGit, splitPaths } from "../../review/git.ts";
import { readWhole, statLink } from "../../review/leaf.ts";
import type { Told } from "./desk.ts";

export interface SourceRoot {
  /** The checkout, real path: how files are named to whoever asks. */
  readonly checkout: string;
  /** Where its files are read: itself, or a private copy. */
  readonly tree: string;
  readonly label: string;
  /** The undo store that knows which files are there; undefined: all that lie there. */
  readonly store: string | undefined;
}

export interface Reading {
  readonly roots: readonly SourceRoot[];
  readonly port: MessagePort;
}

export const bounds = {
  files: 50_000,
  /** Octets of one file, and of all. */
  file: 4 * 2 ** 20,
  all: 256 * 2 ** 20,
  depth: 40,
  /** Octets told before the first of them were taken in. */
  ahead: 8 * 2 ** 20,
} as const;

/** What installs and builds leave there, and git. */
const passedOver =
  /^(?:\.git|node_modules|bower_components|\.venv|venv|__pycache__|target|dist|build|out|\.next|\.cache|\.gradle|\.tox)$/;
/** What others wrote, kept among one's own. */
const others =
  /(?:^|\/)(?:vendor|third[_-]party|node_modules|bower_components)\/|(?:^|\/)(?:LICENSE|LICENCE|COPYING|NOTICE)[^/]*$/i;

class Reader {
  readonly #port: MessagePort;
  readonly #roots: readonly SourceRoot[];
  /** By absolute path: what it looked like. */
  readonly #known = new Map<string, string>();
  /** Directories that hold what is known, with their times: one that is unchanged has no new name in it. */
  readonly #directories = new Map<string, string>();
  /** Of those: octets told. */
  readonly #sizes = new Map<string, number>();
  readonly #unread = new Set<string>();
  #octets = 0;
  #ahead = 0;

  constructor({ roots, port }: Reading) {
    this.#roots = roots;
    this.#port = port;
  }

  async readAll(): Promise<void> {
    for (const root of this.#roots)
      for (const path of await listRoot(root)) {
        this.#look(root, path);
        if (this.#ahead > bounds.ahead) await this.#taken();
      }
    this.#tell({ kind: "whole", unread: this.#unread.size });
  }

  /** What changed since; new names in directories that are known. */
  readAgain(): void {
    for (const root of this.#roots) {
      const below = (name: string): string | undefined =>
        name.startsWith(`${root.checkout}/`) ? name.slice(root.checkout.length + 1) : undefined;
      for (const name of [...this.#known.keys()]) {
        const path = below(name);
        if (path !== undefined) this.#look(root, path);
      }
      for (const [name, time] of [...this.#directories]) {
        const directory = name === root.checkout ? "" : below(name);
        if (directory === undefined || timeOf(statLink(placeIn(root, directory))) === time) continue;
        for (const path of filesIn(root, directory, 0))
          if (!this.#known.has(`${root.checkout}/${path}`)) this.#look(root, path);
        this.#directories.set(name, timeOf(statLink(placeIn(root, directory))));
      }
    }
    this.#tell({ kind: "whole", unread: this.#unread.size });
  }

  /** All that was told is taken in. */
  async #taken(): Promise<void> {
    this.#ahead = 0;
    this.#tell({ kind: "asked" });
    await new Promise((resolve) => this.#port.once("message", resolve));
  }

  #look(root: SourceRoot, path: string): void {
    const name = `${root.checkout}/${path}`;
    const place = `${root.tree}/${path}`;
    const stats = statLink(place);
    if (stats?.isFile() !== true) {
      if (this.#known.delete(name)) this.#forget(name);
      this.#unread.delete(name);
      return;
    }
    const mark = markOf(stats);
    if (this.#known.get(name) === mark) return;
    const fresh = !this.#known.has(name);
    if (fresh && (this.#known.size >= bounds.files || this.#octets + stats.size > bounds.all)) this.#unread.add(name);
    else this.#read(root, path, { mark, name });
  }

  #read(root: SourceRoot, path: string, { mark, name }: { readonly mark: string; readonly name: string }): void {
    // a directory on the way may be a link by now, to where the tool sees nothing
    using stand = standAt(root.tree, path);
    const octets = stand === undefined ? undefined : readWhole(stand.directory.at(stand.name), bounds.file);
    this.#known.set(name, mark);
    const directory = path.includes("/") ? path.slice(0, path.lastIndexOf("/")) : "";
    const known = directory === "" ? root.checkout : `${root.checkout}/${directory}`;
    if (!this.#directories.has(known)) this.#directories.set(known, timeOf(statLink(placeIn(root, directory))));
    this.#ahead += octets?.length ?? 0;
    if (this.#sizes.has(name)) this.#forget(name);
    this.#unread.delete(name);
    if (octets === undefined) this.#unread.add(name);
    else if (others.test(path)) this.#tell({ kind: "public", octets });
    else {
      this.#octets += octets.length;
      this.#sizes.set(name, octets.length);
      this.#tell({ kind: "file", path: name, relative: path, label: root.label, octets });
    }
  }

  /** What was told of it says nothing any more. */
  #forget(name: string): void {
    this.#octets -= this.#sizes.get(name) ?? 0;
    this.#sizes.delete(name);
    this.#tell({ kind: "gone", path: name });
  }

  #tell(told: Told): void {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port, not a window
    this.#port.postMessage(told);
  }
}

const placeIn = ({ tree }: SourceRoot, directory: string): string => (directory === "" ? tree : `${tree}/${directory}`);
const markOf = ({ mtimeMs, ctimeMs, size, ino }: Stats): string => [mtimeMs, ctimeMs, size, ino].join(" ");
const timeOf = (stats: Stats | undefined): string => (stats === undefined ? "" : `${stats.mtimeMs} ${stats.ino}`);

/** What was captured when the session began; without a store, what lies there. */
async function listRoot(root: SourceRoot): Promise<readonly string[]> {
  if (root.store === undefined) return filesIn(root, "", 0);
  const place = { store: root.store, workTree: root.checkout };
  const listed = await runGit({ place, arguments: ["ls-files", "-z"] });
  return listed instanceof Fault ? filesIn(root, "", 0) : splitPaths(listed).paths;
}

function filesIn(root: SourceRoot, directory: string, depth: number): string[] {
  if (depth > bounds.depth) return [];
  let entries: ReturnType<typeof entriesIn>;
  try {
    entries = entriesIn(placeIn(root, directory));
  } catch {
    return [];
  }
  return entries.flatMap((entry) => {
    const path = directory === "" ? entry.name : `${directory}/${entry.name}`;
    if (entry.isDirectory()) return passedOver.test(entry.name) ? [] : filesIn(root, path, depth + 1);
    return entry.isFile() ? [path] : [];
  });
}

const entriesIn = (place: string) => readdirSync(place, { withFileTypes: true });

async function serve(reading: Reading): Promise<void> {
  const reader = new Reader(reading);
  await reader.readAll();
  reading.port.on("message", () => reader.readAgain());
}

void serve(workerData as Reading);
