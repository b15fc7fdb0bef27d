// Trees a tool writes are named by where they are. By a link's name a tree would be shown, and its control files neither held nor
// put away, its changes not taken back, what comes to it by a hidden name not covered: all of that goes by real paths.

import { realpathSync, statSync } from "node:fs";
import { Fault } from "../domain/fault.ts";

/** A single file has none of these. What does not exist is not shown. */
export function objectToLinks(trees: readonly string[]): Fault<"checkout"> | undefined {
  for (const tree of trees) {
    if (statSync(tree, { throwIfNoEntry: false })?.isDirectory() !== true) continue;
    const real = realpathSync(tree);
    if (real !== tree)
      return new Fault({
        code: "checkout",
        message: `files.write names ${tree}, and by a link that is ${real}`,
        hint: `name ${real} in files.write`,
      });
  }
  return undefined;
}
