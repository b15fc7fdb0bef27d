// The working tree of a private copy, written out of the undo point by git itself: what lies there is then, byte for byte,
// what the changes are told against. Enters: the copy's store and the point; names in it are *attacker-controlled* where
// the checkout was. Files keep the checkout's times, so that builds do not start over.

import { chmodSync, lutimesSync } from "node:fs";
import { Fault } from "../../domain/fault.ts";
import { type ReviewFault, runGit } from "../git.ts";
import { statLink } from "../leaf.ts";
import { type Modes, modeOf, readModes } from "../modes.ts";
import { type ObjectStore, placeOf, withLock } from "../object-store.ts";
import { makeEmpty } from "../put-back.ts";
import type { UndoPoint } from "../undo-point.ts";

/** `checkout`: where the times come from. The tree is there, empty. */
export async function fillTree(
  store: ObjectStore,
  checkout: string,
  base: UndoPoint,
): Promise<ReviewFault | undefined> {
  const modes = readModes(store, base.modes);
  const read = await runGit({ place: placeOf(store), arguments: ["read-tree", base.tree] });
  if (read instanceof Fault) return read;
  const written = await runGit({
    place: placeOf(store),
    arguments: ["checkout-index", "--all", "--force"],
    umask: ~modes.plain & 0o666,
    settings: ["checkout.workers=0"],
  });
  if (written instanceof Fault) return written;
  const listed = await runGit({ place: placeOf(store), arguments: ["ls-files", "--stage", "-z"] });
  if (listed instanceof Fault) return listed;
  for (const [path, executable] of filesOf(listed)) match({ checkout, tree: store.workspace, path, executable }, modes);
  for (const path of base.empty) makeEmpty(store.workspace, path);
  return undefined;
}

/** `<mode> <object> <stage>` TAB `<path>` NUL (git-ls-files, --stage). */
function* filesOf(output: Buffer): Generator<readonly [path: string, executable: boolean]> {
  for (const line of output.toString().split("\0")) {
    const tab = line.indexOf("\t");
    if (tab > 0) yield [line.slice(tab + 1), line.startsWith("100755")];
  }
}

interface Written {
  readonly checkout: string;
  readonly tree: string;
  readonly path: string;
  readonly executable: boolean;
}

/** Permissions git does not keep, and the checkout's time where it is still the same file by its size. */
function match({ checkout, tree, path, executable }: Written, modes: Modes): void {
  const [source, target] = [statLink(`${checkout}/${path}`), statLink(`${tree}/${path}`)];
  if (target === undefined) return;
  const mode = modeOf(modes, path, executable);
  if (target.isFile() && (target.mode & 0o7777) !== mode) chmodSync(`${tree}/${path}`, mode);
  const same = source !== undefined && source.size === target.size && source.isFile() === target.isFile();
  if (same) lutimesSync(`${tree}/${path}`, source.atime, source.mtime);
}

/**
 * Reads every file once, so that the end of a session needs to look only at what changed; while the tool works. What it
 * changes meanwhile is seen all the same: git takes a file for unchanged only where its content was.
 */
export async function settleIndex(store: ObjectStore): Promise<void> {
  await withLock(store, () => runGit({ place: placeOf(store), arguments: ["update-index", "-q", "--refresh"] }));
}
