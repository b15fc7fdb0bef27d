// A directory → its entries with their kinds, or undefined where it cannot be listed. Enters: a path, *attacker-controlled*
// below its root; no entry is followed.

import { type Dirent, readdirSync } from "node:fs";
import { relative } from "node:path";
import { kernelPath, nameOf } from "./raw-names.ts";

export function entriesOf(directory: string): readonly Dirent[] | undefined {
  try {
    return readdirSync(directory, { withFileTypes: true });
  } catch {
    return undefined;
  }
}

export type Entry = Pick<Dirent, "name" | "isFile" | "isDirectory" | "isSymbolicLink" | "isSocket" | "isFIFO">;

/** With names that are no UTF-8 as they are (raw-names.ts), so that what lies below them is found. */
export function rawEntriesOf(directory: string): readonly Entry[] | undefined {
  try {
    const entries = readdirSync(kernelPath(directory), { withFileTypes: true });
    // what is no UTF-8 reads so; a name may also be that character
    return entries.some(({ name }) => name.includes("\ufffd")) ? rawEntries(directory) : entries;
  } catch {
    return undefined;
  }
}

function rawEntries(directory: string): readonly Entry[] {
  return readdirSync(kernelPath(directory), { withFileTypes: true, encoding: "buffer" }).map((entry) => ({
    name: nameOf(entry.name),
    isFile: () => entry.isFile(),
    isDirectory: () => entry.isDirectory(),
    isSymbolicLink: () => entry.isSymbolicLink(),
    isSocket: () => entry.isSocket(),
    isFIFO: () => entry.isFIFO(),
  }));
}

export function kindOf(
  entry: Pick<Entry, "isFile" | "isDirectory" | "isSymbolicLink">,
): "file" | "directory" | "symlink" | "other" {
  if (entry.isFile()) return "file";
  if (entry.isDirectory()) return "directory";
  return entry.isSymbolicLink() ? "symlink" : "other";
}

/** Absolute → relative to the directory; undefined where it is not in it. */
export function belowOf(directory: string, path: string): string | undefined {
  const below = relative(directory, path);
  return below === ".." || below.startsWith("../") || below.startsWith("/") ? undefined : below;
}

/** Directories above it, the outermost first. */
export function parentsIn(path: string): readonly string[] {
  const names = path.split("/");
  return names.slice(1).map((_, at) => names.slice(0, at + 1).join("/"));
}

/** Relative paths: the top is empty. */
export function join(directory: string, name: string): string {
  return directory === "" ? name : `${directory}/${name}`;
}
