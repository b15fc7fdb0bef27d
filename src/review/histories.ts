// Where a checkout's repositories stood: references and heads as text, the index as a content of the private store. Enters:
// a checkout, *attacker-controlled*; its git directories are read as files, and git looks at an index only as data, under
// a git directory of ours.

import { createHash } from "node:crypto";
import { Fault } from "../domain/fault.ts";
import { type GitPlace, type ReviewFault, runGit } from "./git.ts";
import { keepBlob } from "./keep-blob.ts";
import { readWhole, statLink } from "./leaf.ts";
import { limits } from "./limits.ts";
import { type ObjectStore, placeOf, replaceFile } from "./object-store.ts";
import { isObject, parseJson } from "./own-files.ts";
import { readReferences } from "./references.ts";
import { findRepositories, keepsTables, type RepositoryPlace } from "./repositories.ts";

export interface IndexState {
  /** The index file as it was, in the store. */
  readonly object: string;
  /** Digest of what it says; times and sizes left out. */
  readonly says: string;
}

/** By the place of the git directory below the workspace. */
export interface Histories {
  readonly references: Readonly<Record<string, readonly string[]>>;
  readonly indexes: Readonly<Record<string, IndexState>>;
  /** Work git has begun and not ended there: a merge, a rebase. */
  readonly underway: Readonly<Record<string, readonly string[]>>;
}

export async function readHistories(store: ObjectStore, inside: readonly string[]): Promise<Histories> {
  const places = findRepositories(store.workspace, inside).filter((place) => !keepsTables(place));
  const states = await Promise.all(places.map((place) => indexState(store, place)));
  return {
    references: Object.fromEntries(places.map((place) => [place.path, referencesOf(place)])),
    indexes: Object.fromEntries(
      places.flatMap(({ path }, at) => {
        const state = states[at];
        return state === undefined ? [] : [[path, state]];
      }),
    ),
    underway: Object.fromEntries(places.map((place) => [place.path, underwayIn(place)])),
  };
}

/** A linked worktree has a head of its own. */
export function referencesOf({ own, common }: RepositoryPlace): readonly string[] {
  const lines = readReferences(common);
  return own === common
    ? lines
    : [`HEAD ${readWhole(`${own}/HEAD`, 4096)?.toString().trim() ?? ""}`, ...lines.slice(1)];
}

const marks = [
  "MERGE_HEAD",
  "CHERRY_PICK_HEAD",
  "REVERT_HEAD",
  "BISECT_LOG",
  "rebase-merge",
  "rebase-apply",
  "sequencer",
];

export function underwayIn({ own }: RepositoryPlace): readonly string[] {
  return marks.filter((name) => statLink(`${own}/${name}`) !== undefined);
}

/** Undefined where there is none, or none that can be read alone. Looked at again only when the file is another. */
async function indexState(store: ObjectStore, { own, path }: RepositoryPlace): Promise<IndexState | undefined> {
  const stats = statLink(`${own}/index`);
  if (stats?.isFile() !== true) return undefined;
  const version = `${stats.ino}:${stats.size}:${stats.mtimeMs}:${stats.ctimeMs}`;
  const file = `${store.directory}/index-${createHash("sha256").update(path).digest("hex").slice(0, 16)}.json`;
  const known = parseJson(readWhole(file, limits.manifestBytes)?.toString());
  if (isObject(known) && known["version"] === version && isIndexState(known["state"])) return known["state"];
  const content = readWhole(`${own}/index`, limits.fileBytes);
  const says = content === undefined ? undefined : await describeIndex({ ...placeOf(store), index: `${own}/index` });
  if (content === undefined || says === undefined || says instanceof Fault) return undefined;
  const object = await keepBlob(store, content);
  if (object instanceof Fault) return undefined;
  replaceFile(file, JSON.stringify({ version, state: { object, says } }));
  return { object, says };
}

/** A digest of modes, objects, stages and paths; of one that is not there: of none. */
export async function describeIndex(place: GitPlace): Promise<string | ReviewFault> {
  const listed = await runGit({ place, arguments: ["ls-files", "--stage", "-z"] });
  return listed instanceof Fault ? listed : createHash("sha256").update(listed).digest("hex");
}

export function isIndexState(value: unknown): value is IndexState {
  return isObject(value) && typeof value["object"] === "string" && typeof value["says"] === "string";
}
