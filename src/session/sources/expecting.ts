// About how much source there is, by the sizes of files alone: an index that is made as large as it will be is asked three times as fast
// as one that has grown. More of it than is said is taken in as well; less costs memory, so what is no source is left out.

import { statLink } from "../../review/leaf.ts";
import { pictures } from "./dependencies.ts";
import type { SourceRoot } from "./listing.ts";

/** Octets of a file: of those that are larger most are data. */
const likely = 256 * 1024;
/** Of all of them. */
const most = 64 * 2 ** 20;
/** Files that are asked: who has more waits no longer for it. */
const asked = 20_000;

/** Paths are from their tree's root. *Attacker-controlled*; no link is followed. */
export function expectedOctets(listed: readonly (readonly [Pick<SourceRoot, "tree">, readonly string[]])[]): number {
  let [octets, left] = [0, asked];
  for (const [{ tree }, paths] of listed)
    for (const path of paths) {
      if (left === 0 || octets >= most) return Math.min(octets, most);
      if (pictures.test(path)) continue;
      left -= 1;
      const stats = statLink(`${tree}/${path}`);
      if (stats?.isFile() === true && stats.size <= likely) octets += stats.size;
    }
  return Math.min(octets, most);
}
