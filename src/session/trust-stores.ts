// Where Javas that a session shows keep whom they trust: below a mount itself, or below each directory in it, as managers keep
// their versions. Only regular files: Debian's JDKs link to the system's one store, which the view covers anyhow.

import { lstatSync, readdirSync } from "node:fs";
import type { Mount } from "../boundary/contract.ts";
import { javaStores } from "../boundary/linux/view/java-trust.ts";

/** Directories looked into, of one mount. */
const versions = 100;

export function trustStoresIn(mounts: readonly Mount[]): readonly string[] {
  const found = mounts.flatMap((mount) => {
    if (mount.kind !== "read" || lstatSync(mount.from, { throwIfNoEntry: false })?.isDirectory() !== true) return [];
    const below = directoriesIn(mount.from).flatMap((name) => javaStores.map((store) => `${name}/${store}`));
    return [...javaStores, ...below]
      .filter((store) => isFile(mount.from, store))
      .map((store) => `${mount.path}/${store}`);
  });
  return [...new Set(found)];
}

/** No link on the way: bubblewrap would follow it. */
function isFile(root: string, path: string): boolean {
  const steps = path.split("/");
  return steps.every((_, at) => {
    const place = lstatSync(`${root}/${steps.slice(0, at + 1).join("/")}`, { throwIfNoEntry: false });
    return at === steps.length - 1 ? place?.isFile() === true : place?.isDirectory() === true;
  });
}

function directoriesIn(root: string): readonly string[] {
  try {
    const entries = readdirSync(root, { withFileTypes: true });
    return entries.flatMap((each) => (each.isDirectory() ? [each.name] : [])).slice(0, versions);
  } catch {
    return [];
  }
}
