// A staged session's private copy of one checkout, as it lies in the state directory: `staged/<session>-<n>/` with
//   record.json  this file's record, ours
//   tree/        the working tree, shown inside at the checkout's own path; *attacker-controlled* after the session
//   git/<n>/     its git directories, shown inside where the checkout has its own; *attacker-controlled* likewise
//   base/<n>/    of each git directory, what it held at the start: configuration, hooks, index
//   store/       our git store: what the copy held at the start, and at every look since
// The tree that a person opens in an editor holds no git directory, so that no setting of the tool's runs outside.

import { mkdirSync, rmSync } from "node:fs";
import { type Digest, parseDigest, parseSessionId, type SessionId } from "../../domain/brand.ts";
import { Fault } from "../../domain/fault.ts";
import type { Personal } from "../collected.ts";
import type { ReviewFault } from "../git.ts";
import { readWhole } from "../leaf.ts";
import { limits } from "../limits.ts";
import { type ObjectStore, replaceFile } from "../object-store.ts";
import { isAll, isObject, isStrings, namesIn, parseJson } from "../own-files.ts";
import { isPoint } from "../session-record.ts";
import type { UndoPoint } from "../undo-point.ts";
import { isPersonal } from "../unfinished.ts";
import type { CopyVeil } from "./conceal.ts";

export interface CopiedRepository {
  /** Where its git directory lies below the workspace: `.git`, `.git/modules/lib`, `vendor/lib/.git`. */
  readonly path: string;
  /** Below the copy's directory. */
  readonly kept: string;
  /** Below the copy's directory: as it was at the start. */
  readonly base: string;
  /** The checkout's own, absolute; of a linked worktree: that worktree's. */
  readonly own: string;
  /** What it shares with other worktrees of the same repository; the same where there are none. */
  readonly common: string;
  /** HEAD and references at the start. */
  readonly references: readonly string[];
}

/** Something the store does not keep, and how it looked when it was copied. */
export interface Leftover {
  readonly path: string;
  readonly mark: string;
}

export interface StagedCopy {
  readonly session: SessionId;
  /** Real path of the checkout. */
  readonly workspace: string;
  /** The copy's own directory. */
  readonly directory: string;
  /** Milliseconds since the epoch. */
  readonly started: number;
  /** The process whose session it is. */
  readonly owner: string;
  /** Digest of the policy the session ran under. */
  readonly policy: Digest;
  readonly base: UndoPoint;
  readonly repositories: readonly CopiedRepository[];
  /** Ignored directories that are shown read-only from the checkout. */
  readonly shared: readonly string[];
  readonly leftovers: readonly Leftover[];
  /** Paths that were held or known as control files in the checkout. */
  readonly control: Readonly<Record<string, string>>;
  /** What the person's own configuration names in it. */
  readonly personal?: Personal;
  /** What it was made without. */
  readonly veil: CopyVeil;
}

export function treeOf(copy: Pick<StagedCopy, "directory">): string {
  return `${copy.directory}/tree`;
}

export function storeOf(copy: Pick<StagedCopy, "directory" | "repositories">): ObjectStore {
  const root = copy.repositories.find(({ path }) => path === ".git");
  const git = root === undefined ? {} : { git: `${copy.directory}/${root.kept}` };
  return { directory: `${copy.directory}/store`, workspace: treeOf(copy), ...git };
}

/** The place of one that is being made. */
export function copyDirectory(state: string, session: SessionId, number: number): string {
  return `${state}/staged/${session}-${number}`;
}

export function saveCopy(copy: StagedCopy): ReviewFault | undefined {
  try {
    mkdirSync(copy.directory, { recursive: true, mode: 0o700 });
    replaceFile(`${copy.directory}/record.json`, JSON.stringify({ version: 1, ...copy }));
    return undefined;
  } catch (cause) {
    const hint = `make ${copy.directory} writable and see that its disk is not full`;
    return new Fault({ code: "record", message: "the private copy cannot be noted", hint, cause });
  }
}

/** Every copy that has a record, oldest first. */
export function listCopies(state: string): readonly StagedCopy[] {
  return namesIn(`${state}/staged`)
    .filter((name) => /^s-[0-9A-Z]{8}-\d+$/.test(name))
    .map((name) => loadCopy(`${state}/staged/${name}`))
    .filter((copy) => copy !== undefined)
    .sort((left, right) => left.started - right.started);
}

function loadCopy(directory: string): StagedCopy | undefined {
  return parseCopy(readWhole(`${directory}/record.json`, limits.recordBytes)?.toString(), directory);
}

export function removeCopy(copy: Pick<StagedCopy, "directory">): void {
  // the record first: what is half removed is no copy any more
  rmSync(`${copy.directory}/record.json`, { force: true });
  rmSync(copy.directory, { recursive: true, force: true });
}

/** Text → a record, or undefined where it is not one of ours. */
export function parseCopy(text: string | undefined, directory: string): StagedCopy | undefined {
  const value = parseJson(text);
  if (!isObject(value) || value["version"] !== 1) return undefined;
  const session = typeof value["session"] === "string" ? parseSessionId(value["session"]) : undefined;
  const { workspace, started, owner, base, repositories, shared, leftovers, control } = value;
  if (session === undefined || typeof workspace !== "string" || typeof owner !== "string") return undefined;
  if (typeof started !== "number" || !isPoint(base) || !isStrings(shared)) return undefined;
  if (!isAll(repositories, isRepository) || !isAll(leftovers, isLeftover) || !isNames(control)) return undefined;
  const policy = typeof value["policy"] === "string" ? parseDigest(value["policy"]) : undefined;
  if (policy === undefined) return undefined;
  // one of before there was any
  const veil = value["veil"] ?? { hide: [], mask: [], hidden: [], masked: [], at: "" };
  if (!isVeil(veil)) return undefined;
  const { personal } = value;
  if (personal !== undefined && !isPersonal(personal)) return undefined;
  return {
    ...(personal === undefined ? {} : { personal }),
    session,
    workspace,
    directory,
    started,
    owner,
    policy,
    base,
    repositories,
    shared,
    leftovers,
    control,
    veil,
  };
}

function isVeil(value: unknown): value is CopyVeil {
  if (!isObject(value) || typeof value["at"] !== "string") return false;
  return ["hide", "mask", "hidden", "masked"].every((key) => isStrings(value[key]));
}

function isRepository(value: unknown): value is CopiedRepository {
  if (!isObject(value) || !isStrings(value["references"])) return false;
  return ["path", "kept", "base", "own", "common"].every((key) => typeof value[key] === "string");
}

function isLeftover(value: unknown): value is Leftover {
  return isObject(value) && typeof value["path"] === "string" && typeof value["mark"] === "string";
}

function isNames(value: unknown): value is Readonly<Record<string, string>> {
  return isObject(value) && Object.values(value).every((each) => typeof each === "string");
}
