// Whose sessions a lane plays: whoever runs it, or an ordinary user, to whom modes of files and bounds of processes apply.

import { become, enterAs } from "../../src/boundary/linux/covered-room.ts";
import type { Lane } from "./lane.ts";

export interface Person {
  /** Words before a command. */
  readonly as: readonly string[];
  /** Whose everything in a round is; undefined where it is already. */
  readonly uid: number | undefined;
}

/** In no account file; each lane's another, so that no other lane's processes count for its bounds. */
const firstUser = 12_100;

export function openPerson({ ordinary = false, lane, root }: Pick<Lane, "ordinary" | "lane" | "root">): Person {
  if (!ordinary) return { as: [], uid: undefined };
  const uid = firstUser + lane;
  if (root) return { as: enterAs(become(uid)), uid };
  // in the lane's own user namespace it is root; below it, with no right over anything, it has a number of its own
  return { as: ["unshare", "--user", `--map-user=${uid}`, `--map-group=${uid}`, "--"], uid: undefined };
}
