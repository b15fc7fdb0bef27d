// What stands at a path now, compared with the two sides of a change. Enters: a path and its sides; what lies there is
// *attacker-controlled* or the person's own. Nothing is followed.

import { readlinkSync } from "node:fs";
import type { Change, Side } from "./changes.ts";
import { standAt } from "./foothold.ts";
import { blobName } from "./keep-blob.ts";
import { readWhole, statLink } from "./leaf.ts";
import { limits } from "./limits.ts";

/** `after`: as the session left it. `before`: as it was. `other`: somebody changed it since. */
export type Standing = "before" | "after" | "other";

export function stateOf(workspace: string, change: Change): Standing {
  const now = sideNow(workspace, change.path);
  if (matches(now, change.before)) return "before";
  return matches(now, change.after) ? "after" : "other";
}

/** `unknown`: something that is neither file nor link, or cannot be read. */
export type Now = Pick<Side, "kind" | "object" | "mode"> | "unknown" | undefined;

export function sideNow(root: string, path: string): Now {
  using stand = standAt(root, path);
  return stand === undefined ? undefined : sideAt(stand.directory.at(stand.name));
}

/** Undefined: nothing there, or only a directory, which its own files speak for. */
function sideAt(path: string): Now {
  const stats = statLink(path);
  if (stats === undefined || stats.isDirectory()) return undefined;
  if (stats.isSymbolicLink()) {
    return { kind: "symlink", object: blobName(readlinkSync(path, { encoding: "buffer" })), mode: 0 };
  }
  const content = stats.isFile() ? readWhole(path, limits.fileBytes) : undefined;
  return content === undefined ? "unknown" : { kind: "file", object: blobName(content), mode: stats.mode & 0o7777 };
}

export function matches(now: Now, side: Pick<Side, "kind" | "object" | "mode"> | undefined): boolean {
  if (now === undefined || side === undefined) return now === side;
  return now !== "unknown" && now.kind === side.kind && now.object === side.object && now.mode === side.mode;
}

/** The bytes at a path, or a link's target; undefined where nothing that could be read is there. */
export function contentNow(root: string, path: string): Buffer | undefined {
  using stand = standAt(root, path);
  if (stand === undefined) return undefined;
  const place = stand.directory.at(stand.name);
  const stats = statLink(place);
  if (stats?.isSymbolicLink() === true) return readlinkSync(place, { encoding: "buffer" });
  return stats?.isFile() === true ? readWhole(place, limits.fileBytes) : undefined;
}
