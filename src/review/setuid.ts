// Files with setuid or setgid bits that appeared since a moment: found by one walk that looks at every file's mode.
// Enters: a workspace, *attacker-controlled*; links are not followed; bounded like the other walk.

import type { Odd } from "./collected.ts";
import { rawEntriesOf } from "./entries.ts";
import { statLink } from "./leaf.ts";
import { limits } from "./limits.ts";

/** `since`: milliseconds since the epoch; a change of mode sets the change time, and nothing in a sandbox can set that. */
export function findSetuid(workspace: string, since: number): readonly Odd[] {
  const found: Odd[] = [];
  const queue = [""];
  let seen = 0;
  for (let directory = queue.pop(); directory !== undefined; directory = queue.pop()) {
    for (const entry of rawEntriesOf(`${workspace}/${directory}`) ?? []) {
      seen += 1;
      if (seen > limits.walkEntries || found.length >= limits.odd) return found;
      const path = directory === "" ? entry.name : `${directory}/${entry.name}`;
      if (entry.isDirectory()) queue.push(path);
      else if (entry.isFile() && isRaised(`${workspace}/${path}`, since)) found.push({ path, what: "setuid file" });
    }
  }
  return found;
}

function isRaised(path: string, since: number): boolean {
  const stats = statLink(path);
  // a second's slack: change times come from a coarser clock
  return stats !== undefined && (stats.mode & 0o6000) !== 0 && stats.ctimeMs >= since - 1000;
}
