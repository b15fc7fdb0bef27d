// Where programs of this machine are looked for when we start them: the person's PATH, without what a tool inside can write
// into. A checkout's own `.venv/bin` stands first there as soon as it is activated; a tool could put its `ssh` in it.

import { realpathSync } from "node:fs";
import { isAbsolute } from "node:path";

/**
 * `writable`: directories a tool can change. Relative and empty entries lead into whichever directory we are in. Each is given as it
 * really lies: an entry of the tool's that is a link, out of where it can write, may be a directory of its own a moment later.
 */
export function searchPath(path: string, writable: readonly string[]): string {
  const theirs = writable.map((directory) => realPath(directory) ?? directory);
  const ours = path
    .split(":")
    // one that is not there yet could be made there
    .map((entry) => (isAbsolute(entry) ? realPath(entry) : undefined))
    .filter((real) => real !== undefined && !theirs.some((directory) => contains(directory, real)));
  return ours.join(":");
}

/** The directory of the tool's in which a program lies, links followed; undefined where it lies in none, or is nowhere. */
export function writableAround(program: string, path: string, writable: readonly string[]): string | undefined {
  const places = program.includes("/") ? [program] : path.split(":").map((entry) => `${entry}/${program}`);
  const real = places.map(realPath).find((place) => place !== undefined);
  return writable.find((directory) => real !== undefined && contains(realPath(directory) ?? directory, real));
}

function realPath(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}

/** True where `inner` is `outer` or lies below it. */
function contains(outer: string, inner: string): boolean {
  return inner === outer || inner.startsWith(outer === "/" ? "/" : `${outer}/`);
}
