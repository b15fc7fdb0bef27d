// Two undo points → what changed between them, path by path. Enters: trees of our own store. Nothing of the workspace is
// looked at, so the answer stays the same however it changes afterwards.

import { Fault } from "../domain/fault.ts";
import { type ReviewFault, runGit } from "./git.ts";
import { modeOf, readModes } from "./modes.ts";
import { type ObjectStore, placeOf } from "./object-store.ts";
import type { UndoPoint } from "./undo-point.ts";

/** One side of a change. */
export interface Side {
  readonly kind: "file" | "symlink";
  /** The blob in the store. */
  readonly object: string;
  /** Permission bits; 0 for a link. */
  readonly mode: number;
  readonly bytes: number;
}

export interface Change {
  /** Relative to the workspace. *Attacker-controlled*. */
  readonly path: string;
  readonly change: "added" | "modified" | "deleted" | "mode" | "type";
  readonly before: Side | undefined;
  readonly after: Side | undefined;
}

interface Raw {
  readonly path: string;
  readonly sides: readonly [old: RawSide, new: RawSide];
}

interface RawSide {
  /** git's: 100644, 100755, 120000, or 000000 for absent. */
  readonly mode: string;
  readonly object: string;
}

/** Sorted by path. */
export async function changesBetween(
  store: ObjectStore,
  before: UndoPoint,
  after: UndoPoint,
): Promise<readonly Change[] | ReviewFault> {
  const differences = await diffTrees(store, before.tree, after.tree);
  if (differences instanceof Fault) return differences;
  const raw = [...differences, ...(await onlyModes(store, { before, after, differences }))];
  const sizes = await sizesOf(store, new Set(raw.flatMap((each) => each.sides.map((side) => side.object))));
  if (sizes instanceof Fault) return sizes;
  const modes = [readModes(store, before.modes), readModes(store, after.modes)] as const;
  const side = (path: string, { mode, object }: RawSide, index: 0 | 1): Side | undefined => {
    if (mode === "000000") return undefined;
    const kind = mode === "120000" ? "symlink" : "file";
    const bits = kind === "symlink" ? 0 : modeOf(modes[index], path, mode === "100755");
    return { kind, object, mode: bits, bytes: sizes.get(object) ?? 0 };
  };
  return raw
    .map(({ path, sides: [old, now] }) => named(path, side(path, old, 0), side(path, now, 1)))
    .filter((each) => each !== undefined)
    .sort((left, right) => (left.path < right.path ? -1 : 1));
}

function named(path: string, before: Side | undefined, after: Side | undefined): Change | undefined {
  if (before === undefined) return after === undefined ? undefined : { path, change: "added", before, after };
  if (after === undefined) return { path, change: "deleted", before, after };
  if (before.kind !== after.kind) return { path, change: "type", before, after };
  if (before.object !== after.object) return { path, change: "modified", before, after };
  return before.mode === after.mode ? undefined : { path, change: "mode", before, after };
}

/** `:<mode> <mode> <object> <object> <status>` NUL `<path>` NUL (git-diff-tree, raw output format). */
async function diffTrees(store: ObjectStore, before: string, after: string): Promise<readonly Raw[] | ReviewFault> {
  if (![before, after].every((tree) => /^[0-9a-f]{40}$/.test(tree))) {
    return new Fault({ code: "record", message: "an undo point does not name a tree" });
  }
  if (before === after) return []; // named by their content
  const options = ["-r", "-z", "--raw", "--no-renames", "--full-index", "--no-ext-diff", "--no-textconv"];
  const output = await runGit({ place: placeOf(store), arguments: ["diff-tree", ...options, before, after] });
  if (output instanceof Fault) return output;
  const fields = output.toString().split("\0");
  const found: Raw[] = [];
  for (let index = 0; index + 1 < fields.length; index += 2) {
    const [, old, now, from, to] =
      /^:(\d{6}) (\d{6}) ([0-9a-f]{40}) ([0-9a-f]{40}) [A-Z]/.exec(fields[index] ?? "") ?? [];
    const path = fields[index + 1];
    if (old === undefined || now === undefined || from === undefined || to === undefined || path === undefined) break;
    found.push({
      path,
      sides: [
        { mode: old, object: from },
        { mode: now, object: to },
      ],
    });
  }
  return found;
}

interface Pair {
  readonly before: UndoPoint;
  readonly after: UndoPoint;
  readonly differences: readonly Raw[];
}

/** Files whose permissions changed in bits git does not keep. */
async function onlyModes(store: ObjectStore, { before, after, differences }: Pair): Promise<readonly Raw[]> {
  if (before.modes === after.modes) return [];
  const [old, now] = [readModes(store, before.modes).other, readModes(store, after.modes).other];
  const known = new Set(differences.map((each) => each.path));
  const paths = new Set([...Object.keys(old), ...Object.keys(now)].filter((path) => old[path] !== now[path]));
  const wanted = [...paths].filter((path) => !known.has(path));
  if (wanted.length === 0) return [];
  const output = await runGit({
    place: placeOf(store),
    arguments: ["ls-tree", "-r", "-z", "--full-tree", before.tree],
  });
  if (output instanceof Fault) return [];
  const entries = output.toString().split("\0");
  const found: Raw[] = [];
  for (const entry of entries) {
    const [, mode, object, path] = /^(\d{6}) blob ([0-9a-f]{40})\t(.+)$/s.exec(entry) ?? [];
    if (mode === undefined || object === undefined || path === undefined || !paths.has(path) || known.has(path))
      continue;
    found.push({
      path,
      sides: [
        { mode, object },
        { mode, object },
      ],
    });
  }
  return found;
}

async function sizesOf(
  store: ObjectStore,
  objects: ReadonlySet<string>,
): Promise<ReadonlyMap<string, number> | ReviewFault> {
  const wanted = [...objects].filter((object) => !/^0+$/.test(object));
  if (wanted.length === 0) return new Map();
  const output = await runGit({
    place: placeOf(store),
    arguments: ["cat-file", "--batch-check=%(objectname) %(objectsize)"],
    input: wanted.map((object) => `${object}\n`).join(""),
  });
  if (output instanceof Fault) return output;
  const lines = output
    .toString()
    .split("\n")
    .map((line) => line.split(" "));
  return new Map(lines.map(([object = "", size]) => [object, Number(size)]));
}
