// The undo point: what a workspace holds at one moment, as a tree in the private store, with what a tree cannot say
// (permissions, empty directories, references of the workspace's own repositories) and what could not be captured.
// Enters: a store, and what the control-file walk found on its way. The workspace is *attacker-controlled* after a session.

import { Fault } from "../domain/fault.ts";
import { type ReviewFault, runGit } from "./git.ts";
import { type Histories, readHistories } from "./histories.ts";
import { readWhole, statLink } from "./leaf.ts";
import { limits } from "./limits.ts";
import { type Listing, listIgnored, listWorkspace } from "./listing.ts";
import { type Modes, noteModes, readModes, saveModes } from "./modes.ts";
import { type ObjectStore, ownGit, placeOf, replaceFile, withLock } from "./object-store.ts";
import { isObject, parseJson } from "./own-files.ts";
import { changedRacy, keepRacy } from "./racy.ts";
import { readAgain } from "./read-again.ts";
import { type Sifted, sift, type Uncaptured } from "./sift.ts";

export interface UndoPoint extends Histories {
  /** The git tree's name in the store (SHA-1, as git names it; git refuses known collisions). */
  readonly tree: string;
  /** Name of the list of permissions in the store. */
  readonly modes: string;
  readonly empty: readonly string[];
  /** Ignored directories: their content is not in the tree. */
  readonly ignored: readonly string[];
  readonly uncaptured: readonly Uncaptured[];
  readonly seconds: number;
  /** Files whose content was looked at. */
  readonly looked: number;
}

export interface CaptureOptions {
  /** From the walk: empty directories and git directories. */
  readonly found: { readonly empty: readonly string[]; readonly repositories: readonly string[] };
  /** The point before the session, when this is the one after it: its ignore rules count, not those the session wrote. */
  readonly since?: UndoPoint;
}

interface Last {
  readonly tree: string;
  readonly modes: string;
  readonly ownIndex: string;
}

/** One at a time for each workspace. */
export async function capture(store: ObjectStore, options: CaptureOptions): Promise<UndoPoint | ReviewFault> {
  const began = performance.now();
  try {
    const point = await withLock(store, async () => captureLocked(store, options));
    return point instanceof Fault ? point : { ...point, seconds: (performance.now() - began) / 1000 };
  } catch (cause) {
    // what the file system said; anything else is a bug
    if (!(cause instanceof Error && "syscall" in cause)) throw cause;
    const hint = "see that the disk that holds the state directory is writable and not full";
    return new Fault({ code: "store", message: `the undo point cannot be written: ${cause.message}`, hint, cause });
  }
}

async function captureLocked(store: ObjectStore, options: CaptureOptions): Promise<UndoPoint | ReviewFault> {
  const began = Date.now();
  if (options.since === undefined) keepExcludes(store);
  const last = readLast(store);
  const [listing, histories] = await Promise.all([
    listWorkspace(store, last?.ownIndex),
    readHistories(store, options.found.repositories),
  ]);
  if (listing instanceof Fault) return listing;
  const hidden = await newlyIgnored(store, listing, options.since);
  if (hidden instanceof Fault) return hidden;
  const modes = () => readModes(store, last?.modes ?? "");
  const sifted = sift(store.workspace, listing, [...hidden, ...changedRacy(store, modes)]);
  const kept = await keep(store, { last, listing, sifted, began });
  if (kept instanceof Fault) return kept;
  const { next, gone } = kept;
  if (sifted.paths.length > 0) keepRacy(store, sifted.racy);
  replaceFile(`${store.directory}/last.json`, JSON.stringify(next));
  return {
    ...histories,
    tree: next.tree,
    modes: next.modes,
    empty: options.found.empty,
    ignored: listing.ignoredDirectories.slice(0, limits.ignoredFiles),
    uncaptured: [
      ...sifted.uncaptured,
      ...listing.missed.map((path) => ({ path, why: "nested repository not readable" })),
      ...gone.map((path) => ({ path, why: "it was changing just then" })),
    ],
    seconds: 0,
    looked: sifted.paths.length,
  };
}

interface Work {
  readonly last: Last | undefined;
  readonly listing: Listing;
  readonly sifted: Sifted;
  /** Milliseconds since the epoch. */
  readonly began: number;
}

interface Kept {
  readonly next: Last;
  /** What could not be read in the end. */
  readonly gone: readonly string[];
}

/** Brings index, tree and permissions up to date; does nothing where nothing changed. */
async function keep(store: ObjectStore, { last, listing, sifted, began }: Work): Promise<Kept | ReviewFault> {
  const { ownIndex } = listing;
  if (sifted.paths.length + sifted.beyond.length === 0 && last !== undefined) {
    const next = { ...last, ownIndex };
    return listing.milliseconds > limits.slowListing ? refreshed(store, next) : { next, gone: [] };
  }
  const removed = await letGo(store, sifted.beyond);
  if (removed instanceof Fault) return removed;
  const pack = last === undefined || sifted.paths.length > limits.looseObjects;
  const updated = await runGit({
    place: placeOf(store),
    arguments: ["update-index", "-q", "--refresh", "--add", "--remove", "--replace", "-z", "--stdin"],
    input: sifted.paths.map((path) => `${path}\0`).join(""),
    // above this size git streams a blob into one pack instead of making a file of it: 50,000 files in seconds
    ...(pack ? { settings: ["core.bigFileThreshold=1"] } : {}),
  });
  if (updated instanceof Fault) return updated;
  const gone = await readAgain(store, sifted.paths, began);
  if (gone instanceof Fault) return gone;
  const tree = await runGit({ place: placeOf(store), arguments: ["write-tree"] });
  if (tree instanceof Fault) return tree;
  const before: Modes | undefined = last === undefined ? undefined : readModes(store, last.modes);
  const modes = saveModes(store, noteModes(before, sifted.modes));
  return { next: { tree: tree.toString().trim(), modes, ownIndex }, gone };
}

/** From the index, without a look at what stands there. */
async function letGo(store: ObjectStore, paths: readonly string[]): Promise<Buffer | ReviewFault> {
  if (paths.length === 0) return Buffer.alloc(0);
  return runGit({
    place: placeOf(store),
    arguments: ["update-index", "--force-remove", "-z", "--stdin"],
    input: paths.map((path) => `${path}\0`).join(""),
  });
}

async function refreshed(store: ObjectStore, next: Last): Promise<Kept | ReviewFault> {
  const done = await runGit({ place: placeOf(store), arguments: ["update-index", "-q", "--refresh"] });
  return done instanceof Fault ? done : { next, gone: [] };
}

/** The repository's own exclude file as it was before the session: the session may write it. */
function keepExcludes(store: ObjectStore): void {
  const own = readWhole(`${ownGit(store)}/info/exclude`, limits.ignoredBytes)?.toString() ?? "";
  const kept = `${store.directory}/info/exclude`;
  if (readWhole(kept, limits.ignoredBytes)?.toString() !== own) replaceFile(kept, own);
}

/** Where a session wrote ignore rules, what they newly hide is captured all the same. */
async function newlyIgnored(
  store: ObjectStore,
  listing: Listing,
  since: UndoPoint | undefined,
): Promise<readonly string[] | ReviewFault> {
  const wrote = [...listing.stale, ...listing.untracked].some((path) => /(?:^|\/)\.gitignore$/.test(path));
  const all = [...listing.ignoredFiles, ...listing.ignoredDirectories];
  const ruled = all.some((path) => /(?:^|\/)\.gitignore$/.test(path));
  if (since === undefined || !(wrote || ruled)) return [];
  const known = new Set(since.ignored);
  return listIgnored(store, [
    ...listing.ignoredFiles,
    ...listing.ignoredDirectories.filter((path) => !known.has(path)),
  ]);
}

function readLast(store: ObjectStore): Last | undefined {
  const text = readWhole(`${store.directory}/last.json`, limits.manifestBytes)?.toString();
  if (text === undefined || statLink(`${store.directory}/index`) === undefined) return undefined;
  const last = parseJson(text);
  return isLast(last) ? last : undefined;
}

function isLast(last: unknown): last is Last {
  return isObject(last) && ["tree", "modes", "ownIndex"].every((key) => typeof last[key] === "string");
}
