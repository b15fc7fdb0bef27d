// Where programs of this machine are looked for when we start them: the person's PATH, without what a tool inside can write
// into. A checkout's own `.venv/bin` stands first there as soon as it is activated; a tool could put its `ssh` in it.

import { realpathSync } from "node:fs";
import { isAbsolute } from "node:path";

/** `writable`: directories a tool can change. Relative and empty entries lead into whichever directory we are in. */
export function searchPath(path: string, writable: readonly string[]): string {
  const theirs = writable.map((directory) => realPath(directory) ?? directory);
  const ours = path.split(":").filter((entry) => {
    // one that is not there yet could be made there
    const real = isAbsolute(entry) ? realPath(entry) : undefined;
    return real !== undefined && !theirs.some((directory) => contains(directory, real));
  });
  return ours.join(":");
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
