// The one file that makes a landing whole: once it is written, the landing is taken to its end by whoever comes next; it
// is written only when every content it names lies in the copy's store and every object in the checkout. Where somebody
// is found to have changed a path meanwhile, it is turned round, and the landing is taken back to its beginning.

import { closeSync, fsyncSync, futimesSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { readWhole, statLink } from "../leaf.ts";
import { limits } from "../limits.ts";
import { isAll, isObject, isStrings, parseJson } from "../own-files.ts";
import type { StagedCopy } from "../staged/record.ts";
import type { FileOperation, FilePlan } from "./plan.ts";
import type { IndexOperation, Move, RepositoryOperation } from "./repositories.ts";
import type { Version } from "./three-way.ts";

export interface Journal extends FilePlan {
  readonly direction: "forward" | "back";
  /** What was shown and accepted. */
  readonly digest: string;
  readonly accepted: readonly string[];
  readonly repositories: readonly RepositoryOperation[];
}

const place = (copy: Pick<StagedCopy, "directory">): string => `${copy.directory}/landing.json`;

/** Durable when it returns. Throws where it cannot be written. One that is turned round began when it began. */
export function writeJournal(copy: Pick<StagedCopy, "directory">, journal: Journal): void {
  const since = statLink(place(copy))?.mtime;
  const next = `${place(copy)}.next`;
  const descriptor = openSync(next, "w", 0o600);
  try {
    const bytes = Buffer.from(JSON.stringify({ version: 1, ...journal }));
    for (let done = 0; done < bytes.length; ) done += writeSync(descriptor, bytes, done);
    if (since !== undefined) futimesSync(descriptor, since, since);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  renameSync(next, place(copy));
  syncDirectory(dirname(place(copy)));
}

/** One that was being written when its process was killed: nothing had begun. */
export function dropDraft(copy: Pick<StagedCopy, "directory">): void {
  rmSync(`${place(copy)}.next`, { force: true });
}

export function clearJournal(copy: Pick<StagedCopy, "directory">): void {
  rmSync(place(copy), { force: true });
  syncDirectory(dirname(place(copy)));
}

function syncDirectory(path: string): void {
  const descriptor = openSync(path, "r");
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

export type Found =
  | { readonly kind: "none" }
  /** `since`: milliseconds since the epoch. */
  | { readonly kind: "journal"; readonly journal: Journal; readonly since: number }
  | { readonly kind: "damaged" };

export function readJournal(copy: Pick<StagedCopy, "directory">): Found {
  const stats = statLink(place(copy));
  if (stats === undefined) return { kind: "none" };
  const journal = parseJournal(readWhole(place(copy), limits.journalBytes)?.toString());
  return journal === undefined ? { kind: "damaged" } : { kind: "journal", journal, since: stats.mtimeMs };
}

/** Text → a journal, or undefined where it is not one of ours. */
export function parseJournal(text: string | undefined): Journal | undefined {
  const value = parseJson(text);
  if (!isObject(value) || value["version"] !== 1) return undefined;
  const { direction, digest, accepted, files, made, emptied, repositories } = value;
  if ((direction !== "forward" && direction !== "back") || typeof digest !== "string" || !isStrings(accepted))
    return undefined;
  if (!isAll(files, isFile) || !isStrings(made) || !isStrings(emptied)) return undefined;
  if (!isAll(repositories, isRepository)) return undefined;
  return { direction, digest, accepted, files: files.map(whole), made, emptied, repositories };
}

/** JSON leaves out what is undefined. */
function whole({ root, path, before, after }: FileOperation): FileOperation {
  return { root, path, before, after };
}

function isFile(value: unknown): value is FileOperation {
  if (!isObject(value) || typeof value["root"] !== "string" || typeof value["path"] !== "string") return false;
  return [value["before"], value["after"]].every((each) => each === undefined || isVersion(each));
}

function isVersion(value: unknown): value is Version {
  if (!isObject(value) || (value["kind"] !== "file" && value["kind"] !== "symlink")) return false;
  const { object, mode } = value;
  return (
    typeof object === "string" &&
    /^[0-9a-f]{40}$/.test(object) &&
    typeof mode === "number" &&
    mode >= 0 &&
    mode <= 0o7777
  );
}

function isRepository(value: unknown): value is RepositoryOperation {
  if (!isObject(value) || typeof value["own"] !== "string" || typeof value["common"] !== "string") return false;
  const { references, head, index } = value;
  return isAll(references, isMove) && (head === undefined || isMove(head)) && (index === undefined || isIndex(index));
}

function isMove(value: unknown): value is Move {
  if (!isObject(value) || typeof value["name"] !== "string") return false;
  return [value["before"], value["after"]].every((each) => each === undefined || typeof each === "string");
}

function isIndex(value: unknown): value is IndexOperation {
  if (!isObject(value) || !(value["old"] === undefined || typeof value["old"] === "string")) return false;
  return ["prepared", "before", "after"].every((key) => typeof value[key] === "string");
}
