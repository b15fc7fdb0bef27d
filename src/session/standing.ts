// Is a checkout's path still the directory it was when the session began? What stands there at the end is swept and captured by its
// path; another session's tool, around this one, may have led a name on the way to another project of the person's.

import { realpathSync, statSync } from "node:fs";

/** `root`: a real path. Undefined where nothing stands there. */
export function identityOf(root: string): string | undefined {
  try {
    if (realpathSync(root) !== root) return undefined;
    const { dev, ino } = statSync(root, { bigint: true });
    return `${dev}:${ino}`;
  } catch {
    return undefined;
  }
}
