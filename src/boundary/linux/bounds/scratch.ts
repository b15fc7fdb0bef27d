// The temporary directories of the inside: all in one file system in memory, made in the helper's mount namespace with a bound
// on bytes and on files, each shown at its place by bubblewrap. bubblewrap's own have no bound on files, and each one has
// half of the machine's memory to itself. Runs in the helper.

import { chmodSync, existsSync, mkdirSync, statfsSync } from "node:fs";
import { dirname } from "node:path";
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
  const lay = (at: string, options: string): void => {
    const result: unknown = mount("scratch", at, "tmpfs", flags, options);
    if (result !== 0) throw new Error(`no tmpfs at ${at}: error ${koffi.errno()}`);
  };
  // a system without a mounted sysfs has an empty /sys: a place is made there, for this mount namespace alone
  if (!existsSync(scratchRoot)) {
    lay(dirname(scratchRoot), "size=64k,nr_inodes=8,mode=0755");
    mkdirSync(scratchRoot);
  }
  lay(scratchRoot, `size=${bytes},nr_inodes=${files},mode=0755`);
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
