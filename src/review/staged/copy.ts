// Makes the private copy of one checkout for a staged session: undo point, tree, ignored directories, git directories.
// Enters: a checkout and its walk; leaves: what is to be mounted, and what a person is to be told. What cannot be made
// whole is not left behind. The checkout is only read.

import { chmodSync, lstatSync, mkdirSync } from "node:fs";
import { Fault } from "../../domain/fault.ts";
import type { Session } from "../../domain/session.ts";
import type { Found } from "../control-files.ts";
import { copyTree } from "../copy.ts";
import type { ReviewFault } from "../git.ts";
import { makeStore, type ObjectStore, openObjectStore, replaceFile } from "../object-store.ts";
import { findRepositories, keepsTables, workTreeOf } from "../repositories.ts";
import { capture, type UndoPoint } from "../undo-point.ts";
import { type Concealing, concealBase, concealIndex, concealTree, veilOfCopy } from "./conceal.ts";
import { bringIgnored, bringLeftovers, type Ignored } from "./ignored.ts";
import { type CopiedRepository, copyDirectory, removeCopy, type StagedCopy, saveCopy } from "./record.ts";
import { copyGitFiles, copyRepositories, type Lent } from "./repository.ts";
import { fillTree, settleIndex } from "./tree.ts";

export interface Making {
  readonly state: string;
  readonly session: Pick<Session, "id" | "policy">;
  /** One session may write several checkouts. */
  readonly number: number;
  readonly owner: string;
  readonly found: Found;
  /** What it is to be made without. */
  readonly concealing: Concealing;
}

export interface MadeCopy {
  readonly copy: StagedCopy;
  /** The tree first. */
  readonly mounts: readonly Lent[];
  readonly ignored: Ignored;
  readonly told: readonly string[];
  /** Goes on while the tool works; to be awaited before the end is looked at. */
  readonly settled: Promise<void>;
}

/** Throws a Fault. */
export async function makeCopy(making: Making): Promise<MadeCopy> {
  const directory = copyDirectory(making.state, making.session.id, making.number);
  try {
    return await make(making, directory);
  } catch (cause) {
    removeCopy({ directory });
    if (cause instanceof Fault) throw cause;
    // what the file system said; anything else is a bug
    if (!(cause instanceof Error && "syscall" in cause)) throw cause;
    const hint = "see that the disk that holds the state directory is writable and not full";
    throw new Fault({ code: "copy", message: `the private copy cannot be made: ${cause.message}`, hint, cause });
  }
}

async function make(making: Making, directory: string): Promise<MadeCopy> {
  const { found, concealing } = making;
  const checkout = found.workspace;
  const places = findRepositories(checkout, found.repositories);
  const foreign = places.find(keepsTables);
  if (foreign !== undefined) throw unreadable(foreign.common);
  const undo = good(openObjectStore(making.state, checkout));
  const whole = good(await capture(undo, { found }));
  const tree = `${directory}/tree`;
  mkdirSync(tree, { recursive: true, mode: 0o700 });
  const repositories = copyRepositories(checkout, directory, places);
  const store = good(openCopyStore(directory, undo, whole));
  const veils = concealing.veil.hide.length + concealing.veil.mask.length > 0;
  const base = veils ? good(await concealBase(store, whole, concealing)) : whole;
  const [filled, ignored] = await Promise.all([fillTree(store, checkout, base), bringIgnored(checkout, tree, base)]);
  good(filled);
  copyGitFiles(checkout, tree, found);
  const leftovers = bringLeftovers(checkout, tree, base);
  if (veils) concealTree(tree, concealing);
  const skipped = veils ? await concealIndexes(store, repositories.all, making) : [];
  chmodSync(tree, lstatSync(checkout).mode & 0o777);
  const copy = describe(making, { directory, base, repositories: repositories.all, ignored, leftovers });
  good(saveCopy(copy));
  const shown = copy.shared.map((path) => `${checkout}/${path}`);
  return {
    copy,
    mounts: [
      { kind: "write", path: checkout, from: tree },
      ...repositories.mounts,
      ...shown.map((path) => ({ kind: "read" as const, path, from: path, exact: true })),
    ],
    ignored,
    told: [
      ...ignored.missed.map((text) => `not in the copy: ${text}`),
      ...repositories.distant.map(sayDistant),
      ...skipped,
    ],
    settled: settleIndex(store),
  };
}

interface Filled extends Pick<StagedCopy, "directory" | "base" | "repositories" | "leftovers"> {
  readonly ignored: Ignored;
}

function describe(
  { session, owner, found, concealing }: Making,
  { ignored, leftovers, ...filled }: Filled,
): StagedCopy {
  const of = veilOfCopy(concealing.veil);
  const tops = filled.repositories.map((repository) => workTreeOf(repository, found.workspace));
  return {
    ...filled,
    session: session.id,
    workspace: found.workspace,
    started: Date.now(),
    owner,
    policy: session.policy,
    shared: ignored.shared.map(({ path }) => path),
    leftovers: leftovers.filter(({ path }) => of(path) === undefined),
    control: Object.fromEntries(found.held.map(({ path, pattern }) => [path, pattern])),
    veil: concealing.veil,
    ...(found.personal === undefined ? {} : { personal: { ...found.personal, tops } }),
  };
}

/** In words: where git inside cannot be told that hidden files are not deleted. */
async function concealIndexes(
  store: ObjectStore,
  repositories: readonly CopiedRepository[],
  { found, concealing, ...making }: Making,
): Promise<readonly string[]> {
  const told: string[] = [];
  for (const repository of repositories) {
    const directory = copyDirectory(making.state, making.session.id, making.number);
    const index = `${directory}/${repository.kept}/index`;
    if (lstatSync(index, { throwIfNoEntry: false })?.isFile() !== true) continue;
    const at = workTreeOf(repository, found.workspace);
    if (!(await concealIndex(store, { index, at }, concealing)))
      told.push(
        `git inside tells hidden files of ${at === "" ? found.workspace : at} as deleted, masked ones as changed`,
      );
  }
  return told;
}

function unreadable(git: string): ReviewFault {
  const message = `${git} keeps its references as tables, which a private copy cannot`;
  return new Fault({ code: "copy", message, hint: "run with --edits live" });
}

function sayDistant(place: string): string {
  return `this repository borrows objects from ${place}, which is not shown inside unless the policy lets it be read`;
}

/** A store of the copy's own, reading the undo store's objects: what it holds grows with what the session changes. */
function openCopyStore(directory: string, undo: ObjectStore, base: UndoPoint): ObjectStore | ReviewFault {
  const store = makeStore(`${directory}/store`, `${directory}/tree`);
  if (store instanceof Fault) return store;
  replaceFile(`${store.directory}/objects/info/alternates`, `${undo.directory}/objects\n`);
  copyTree(`${undo.directory}/modes/${base.modes}`, `${store.directory}/modes/${base.modes}`);
  copyTree(`${undo.directory}/info/exclude`, `${store.directory}/info/exclude`);
  replaceFile(`${store.directory}/last.json`, JSON.stringify({ tree: base.tree, modes: base.modes, ownIndex: "" }));
  return store;
}

function good<Value>(value: Value | ReviewFault): Value {
  if (value instanceof Fault) throw value;
  return value;
}
