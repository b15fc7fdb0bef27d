// Files that were changed in the very second they were captured: git keeps times in whole seconds and would not see a
// later change of permissions in that second (content it compares itself). They are remembered and looked at again.

import { readWhole, statLink } from "./leaf.ts";
import { limits } from "./limits.ts";
import { type Modes, modeOf } from "./modes.ts";
import { type ObjectStore, replaceFile } from "./object-store.ts";

/** The second a capture began in, milliseconds; the kernel's coarse clock may be a tick behind. */
export function captureSecond(): number {
  return Math.floor((Date.now() - 50) / 1000) * 1000;
}

export function keepRacy(store: ObjectStore, paths: readonly string[]): void {
  const text = paths.map((path) => `${path}\0`).join("");
  if (read(store) !== text) replaceFile(`${store.directory}/racy`, text);
}

/** Those among them whose permissions are no longer what was noted. */
export function changedRacy(store: ObjectStore, modes: () => Modes): readonly string[] {
  const paths = read(store).split("\0").slice(0, -1);
  if (paths.length === 0) return [];
  const noted = modes();
  return paths.filter((path) => {
    const stats = statLink(`${store.workspace}/${path}`);
    return stats?.isFile() === true && modeOf(noted, path, (stats.mode & 0o100) !== 0) !== (stats.mode & 0o7777);
  });
}

function read(store: ObjectStore): string {
  return readWhole(`${store.directory}/racy`, limits.answerBytes)?.toString() ?? "";
}
