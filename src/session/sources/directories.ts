// Directories in which files were read: one that is as it was has no new name in it, so only what changed is listed again.

import { statLink } from "../../review/leaf.ts";
import { filesIn, placeIn, type SourceRoot } from "./listing.ts";

export interface Placed {
  readonly root: SourceRoot;
  /** Within it. */
  readonly path: string;
}

interface Directory extends Placed {
  time: string;
}

export class Directories {
  readonly #known = new Map<string, Directory>();

  /** All that this file lies in, up to the root. */
  add({ root, path: file }: Placed): void {
    for (let path = above(file); path !== undefined; path = above(path)) {
      const name = path === "" ? root.checkout : `${root.checkout}/${path}`;
      if (this.#known.has(name)) break;
      this.#known.set(name, { root, path, time: timeOf(root, path) });
    }
  }

  /** Files in those that changed since they were looked at. */
  *listChanged(): Generator<Placed> {
    for (const directory of [...this.#known.values()]) {
      const { root, path: within } = directory;
      if (timeOf(root, within) === directory.time) continue;
      for (const path of filesIn(root, within)) yield { root, path };
      directory.time = timeOf(root, within);
    }
  }
}

/** The directory it lies in; undefined above the root. */
const above = (path: string): string | undefined =>
  path === "" ? undefined : path.includes("/") ? path.slice(0, path.lastIndexOf("/")) : "";

function timeOf(root: SourceRoot, path: string): string {
  const stats = statLink(placeIn(root, path));
  return stats === undefined ? "" : `${stats.mtimeMs} ${stats.ino}`;
}
