// What was accepted → what is to be written, or why it cannot be: every content in the copy's store, every path looked at
// once more for what stands in its way. Nothing of the checkout is touched here.

import { dirname } from "node:path";
import { Fault } from "../../domain/fault.ts";
import { Blobs } from "../blobs.ts";
import { entriesOf } from "../entries.ts";
import { standAt } from "../foothold.ts";
import type { ReviewFault } from "../git.ts";
import { keepBlob } from "../keep-blob.ts";
import { statLink } from "../leaf.ts";
import { type StagedCopy, storeOf, treeOf } from "../staged/record.ts";
import { applyHunks } from "./hunks.ts";
import type { FileItem, Item } from "./review.ts";
import type { Chosen } from "./selection.ts";
import type { Version } from "./three-way.ts";

export interface FileOperation {
  /** Ours; `path` is *attacker-controlled*. */
  readonly root: string;
  readonly path: string;
  readonly before: Version | undefined;
  readonly after: Version | undefined;
}

export interface FilePlan {
  /** Removals first, deepest first, so that a directory gives way to the file that replaces it. */
  readonly files: readonly FileOperation[];
  /** Directories that are not there yet, relative to the checkout; the outer ones first. */
  readonly made: readonly string[];
  /** Directories that go where they are empty then, deepest first. */
  readonly emptied: readonly string[];
}

export async function planFiles(copy: StagedCopy, chosen: readonly Chosen[]): Promise<FilePlan | ReviewFault> {
  const files: FileOperation[] = [];
  await using blobs = new Blobs(storeOf(copy));
  for (const { item, hunks } of chosen) {
    if (item.kind !== "file") continue;
    const after = hunks === undefined ? item.after : await partOf({ copy, blobs, item }, hunks);
    if (after instanceof Fault) return after;
    files.push({ root: item.root, path: item.path, before: item.before, after });
  }
  const removals = files.filter(({ after }) => after === undefined).toReversed();
  const plan = {
    files: [...removals, ...files.filter(({ after }) => after !== undefined)],
    made: madeFor(copy, files, directories(chosen, "added")),
    emptied: emptiedBy(copy, removals, directories(chosen, "deleted")),
  };
  const obstacle = plan.files.map((file) => obstacleTo(file, plan)).find((each) => each !== undefined);
  return obstacle === undefined
    ? plan
    : new Fault({ code: "landing", message: obstacle, hint: "name what is in its way as well, or clear it" });
}

interface Work {
  readonly copy: StagedCopy;
  readonly blobs: Blobs;
  readonly item: FileItem;
}

/** What is there with some of the hunks; permissions change only with all of them. */
async function partOf(
  { copy, blobs, item }: Work,
  hunks: readonly number[],
): Promise<Version | undefined | ReviewFault> {
  const { before, after, difference } = item;
  const lost = new Fault({ code: "store" as const, message: `the store has lost ${item.path}` });
  const all = difference?.kind === "hunks" ? difference.hunks : [];
  if (hunks.length === all.length) return after;
  const content = before === undefined ? Buffer.alloc(0) : await blobs.read(before.object);
  const text =
    content &&
    applyHunks(
      content.toString("latin1"),
      hunks.map((at) => all[at]).filter((hunk) => hunk !== undefined),
    );
  if (text === undefined) return lost;
  const object = await keepBlob(storeOf(copy), Buffer.from(text, "latin1"));
  const mode = before?.mode ?? after?.mode ?? 0o644;
  return object instanceof Fault ? object : { kind: "file", object, mode };
}

function directories(chosen: readonly Chosen[], change: "added" | "deleted"): readonly string[] {
  const all = chosen.map(({ item }): Item => item).filter((item) => item.kind === "directory");
  return all.filter((item) => item.change === change).map(({ path }) => path);
}

function madeFor(copy: StagedCopy, files: readonly FileOperation[], added: readonly string[]): readonly string[] {
  const found = new Set(added);
  const landing = files.filter(({ root, after }) => root === copy.workspace && after !== undefined);
  for (const path of [...added, ...landing.map((file) => file.path)])
    for (
      let at = dirname(path);
      at !== "." && !found.has(at) && kindAt(copy.workspace, at) === undefined;
      at = dirname(at)
    )
      found.add(at);
  return [...found].sort((left, right) => left.length - right.length);
}

/** Directories the session left nothing of. */
function emptiedBy(copy: StagedCopy, removals: readonly FileOperation[], gone: readonly string[]): readonly string[] {
  const found = new Set(gone);
  for (const { root, path } of removals)
    for (let at = dirname(path); root === copy.workspace && at !== "."; at = dirname(at))
      if (!found.has(at) && kindAt(treeOf(copy), at) !== "directory") found.add(at);
  return [...found].sort((left, right) => right.length - left.length);
}

function obstacleTo({ root, path, after }: FileOperation, plan: FilePlan): string | undefined {
  if (after === undefined) return undefined;
  const goes = (other: string) =>
    plan.files.some((file) => file.root === root && file.path === other && file.after === undefined);
  for (let at = dirname(path); at !== "."; at = dirname(at)) {
    const kind = kindAt(root, at);
    if (kind !== undefined && kind !== "directory" && !goes(at))
      return `${path} cannot land: ${at} is a ${kind} in the checkout`;
  }
  if (kindAt(root, path) !== "directory") return undefined;
  const left = filesBelow(root, path).find((each) => !goes(each));
  return left === undefined ? undefined : `${path} cannot land: a directory stands there, with ${left} in it`;
}

/** Undefined: nothing there, or a parent that is none. */
function kindAt(root: string, path: string): "directory" | "file" | "link" | undefined {
  using stand = standAt(root, path);
  const stats = stand === undefined ? undefined : statLink(stand.directory.at(stand.name));
  if (stats === undefined) return undefined;
  return stats.isDirectory() ? "directory" : stats.isSymbolicLink() ? "link" : "file";
}

function filesBelow(root: string, path: string): readonly string[] {
  using stand = standAt(root, `${path}/any`);
  const entries = stand === undefined ? [] : (entriesOf(stand.directory.itself) ?? []);
  return entries.flatMap((entry) =>
    entry.isDirectory() ? filesBelow(root, `${path}/${entry.name}`) : [`${path}/${entry.name}`],
  );
}
