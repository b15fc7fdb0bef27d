// A directory → a descriptor of it, each step of the way entered by itself and a link among them refused: whoever puts a link there
// meanwhile leads nobody elsewhere. What is then done below `/proc/self/fd/N` is done in that directory, whatever its path means by then.

import { closeSync, constants, mkdirSync, openSync } from "node:fs";

/** O_PATH (open(2)): a directory one may pass through and not read is entered, too. Node has no name for it. */
const passing = 0o10_000_000;
const step = constants.O_DIRECTORY | constants.O_NOFOLLOW | passing;

/** `from` is entered as it is. Throws ENOENT, or ENOTDIR where something on the way is a link or a file. To be closed. */
export function enter(from: string, way: string, missing: "is made" | "throws"): number {
  let folder = openSync(from, constants.O_DIRECTORY | passing);
  for (const name of way.split("/").filter((one) => one !== "" && one !== ".")) {
    const next = `/proc/self/fd/${folder}/${name}`;
    try {
      if (missing === "is made") make(next);
      const below = openSync(next, step);
      closeSync(folder);
      folder = below;
    } catch (error) {
      closeSync(folder);
      throw error;
    }
  }
  return folder;
}

function make(path: string): void {
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
  }
}

/** Whatever is done with the directory's path is done in it. */
export function inFolder<Result>(folder: number, work: (path: string) => Result): Result {
  try {
    return work(`/proc/self/fd/${folder}`);
  } finally {
    closeSync(folder);
  }
}
