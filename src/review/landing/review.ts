// A review: everything landing a private copy would do to the checkout as both stand now, with what a person is shown of
// it and a digest of each. Acceptance is bound to these digests: a review made again later gives the same ones only where
// neither the copy nor the checkout changed in what they speak of.

import { Fault } from "../../domain/fault.ts";
import { entriesOf } from "../entries.ts";
import { standAt } from "../foothold.ts";
import type { ReviewFault } from "../git.ts";
import { statLink } from "../leaf.ts";
import { placeOf } from "../object-store.ts";
import { veilOfCopy } from "../staged/conceal.ts";
import { findInCopy, type Look, lookAtCopy } from "../staged/look.ts";
import { type StagedCopy, storeOf, treeOf } from "../staged/record.ts";
import { isGitsOwn } from "./apart.ts";
import { differencesOf } from "./differences.ts";
import { type Bound, digestOf } from "./digest.ts";
import { effectsOf, type FileConflict, type FileEffect } from "./effects.ts";
import type { Difference } from "./hunks.ts";
import { type ReferenceItem, referenceItems } from "./reference-items.ts";
import { type ReferenceConflict, referenceOutcomes } from "./references.ts";
import { wishesOf } from "./wishes.ts";

export interface FileItem extends FileEffect, Bound {
  /** Of the contents; undefined where they are the same and only permissions or kind differ. */
  readonly difference: Difference | undefined;
}

/** An empty directory that came or went. */
export interface DirectoryItem extends Bound {
  readonly kind: "directory";
  /** Ends in a slash. */
  readonly id: string;
  readonly path: string;
  readonly change: "added" | "deleted";
  readonly apart: undefined;
}

export type Item = FileItem | DirectoryItem | ReferenceItem;

export interface Review {
  readonly copy: StagedCopy;
  readonly items: readonly Item[];
  readonly conflicts: readonly (FileConflict | ReferenceConflict)[];
  /** What is in the copy and cannot land, in words. */
  readonly told: readonly string[];
  /** Of everything shown. */
  readonly digest: string;
}

export async function openReview(copy: StagedCopy): Promise<Review | ReviewFault> {
  const look = await lookAtCopy(copy, findInCopy(copy));
  if (look instanceof Fault) return look;
  const wishes = await wishesOf(copy, look);
  if (wishes instanceof Fault) return wishes;
  const outcomes = await effectsOf(storeOf(copy), wishes.all);
  if (outcomes instanceof Fault) return outcomes;
  const references = await referenceOutcomes(copy);
  const files = await fileItems(
    copy,
    outcomes.filter((each) => each.kind === "file"),
  );
  if (files instanceof Fault) return files;
  const moved = references.all.filter((each) => each.kind === "reference");
  const shown = files.map(({ before, after }) => ({ before: before?.object, after: after?.object }));
  const named = await referenceItems(copy, moved, shown);
  if (named instanceof Fault) return named;
  const items = [...files, ...directoryItems(copy, look), ...named];
  const conflicts = [...outcomes, ...references.all].filter((each) => each.kind === "conflict");
  const digest = digestOf([items.map((item) => item.digest), conflicts.map(({ id, why }) => [id, why])]);
  return { copy, items, conflicts, told: [...look.told, ...wishes.told, ...references.told], digest };
}

async function fileItems(copy: StagedCopy, effects: readonly FileEffect[]): Promise<readonly FileItem[] | ReviewFault> {
  const pairs = effects.map(({ before, after }) => ({ before: before?.object, after: after?.object }));
  const differences = await differencesOf(placeOf(storeOf(copy)), pairs);
  if (differences instanceof Fault) return differences;
  return effects.map((effect, at) => {
    const { id, root, path, before, after, apart } = effect;
    const bound = ["file", id, root, path, versionOf(before), versionOf(after), apart ?? null];
    return { ...effect, difference: differences[at], digest: digestOf(bound) };
  });
}

function versionOf(version: FileEffect["before"]): unknown {
  return version === undefined ? null : [version.kind, version.object, version.mode];
}

/** What the checkout has not yet, or still has empty. */
function directoryItems(copy: StagedCopy, look: Look): readonly DirectoryItem[] {
  const [then, now] = [new Set(copy.base.empty), new Set(look.after.empty)];
  const veiled = veilOfCopy(copy.veil);
  const added = [...now].filter(
    (path) =>
      !then.has(path) && !isGitsOwn(path) && veiled(path, true) === undefined && at(copy.workspace, path) === undefined,
  );
  const gone = [...then].filter((path) => at(treeOf(copy), path) === undefined && isEmpty(copy.workspace, path));
  const item = (path: string, change: DirectoryItem["change"]): DirectoryItem => ({
    kind: "directory",
    id: `${path}/`,
    path,
    change,
    apart: undefined,
    digest: digestOf(["directory", path, change]),
  });
  return [...added.map((path) => item(path, "added")), ...gone.map((path) => item(path, "deleted"))];
}

function at(root: string, path: string) {
  using stand = standAt(root, path);
  return stand === undefined ? undefined : statLink(stand.directory.at(stand.name));
}

function isEmpty(root: string, path: string): boolean {
  using stand = standAt(root, `${path}/any`);
  return stand !== undefined && entriesOf(stand.directory.itself)?.length === 0;
}
