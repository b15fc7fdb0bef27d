// The temporary directories of the inside: all in one file system in memory, made in the helper's mount namespace with a bound
// on bytes and on files, each shown at its place by bubblewrap. bubblewrap's own have no bound on files, and each one has
// half of the machine's memory to itself. Runs in the helper.

import { chmodSync, mkdirSync, statfsSync } from "node:fs";
import type { Reached } from "../../../domain/bound.ts";
import { loadForeign } from "../watch/foreign.ts";

/**
 * Where it stands in the helper's mount namespace: on every system, and shown inside by none (`view/base.ts` has no /sys,
 * `view/mounts.ts` refuses it).
 */
export const scratchRoot = "/sys/kernel";

export interface Scratch {
  readonly bytes: number;
  readonly files: number;
  /** Of the directories, named by their place in the list. */
  readonly modes: readonly number[];
}

export const scratchAt = (place: number): string => `${scratchRoot}/${place}`;

/** NOSUID, NODEV: linux/mount.h. */
const flags = 0x2 | 0x4;

/** Throws where it cannot be made. */
export async function layScratch({ bytes, files, modes }: Scratch): Promise<void> {
  const { koffi, libc } = await loadForeign();
  const types = ["const char *", "const char *", "const char *", "unsigned long", "const char *"];
  const mount = libc.func("mount", "int", types);
  const options = `size=${bytes},nr_inodes=${files},mode=0755`;
  const result: unknown = mount("scratch", scratchRoot, "tmpfs", flags, options);
  if (result !== 0) throw new Error(`no tmpfs at ${scratchRoot}: error ${koffi.errno()}`);
  for (const [place, mode] of modes.entries()) {
    mkdirSync(scratchAt(place));
    // whatever the umask is
    chmodSync(scratchAt(place), mode);
  }
}

/** What of it is used up at this moment. */
export function scratchReached(): readonly Reached["bound"][] {
  const { bavail, ffree } = statfsSync(scratchRoot);
  return [...(bavail === 0 ? ["scratch" as const] : []), ...(ffree === 0 ? ["scratch-files" as const] : [])];
}
