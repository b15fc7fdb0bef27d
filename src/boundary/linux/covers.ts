// A container's /proc is often covered in places by mounts of its own. The kernel then refuses a fresh /proc to whoever is
// root only in a user namespace (`mount_too_revealing`, fs/namespace.c), so that nobody uncovers it that way.

import { readFileSync } from "node:fs";
import { parseMounts } from "./mountinfo.ts";

/** Directories the kernel keeps empty for others to mount on: covering them hides nothing, and counts for nothing. */
const alwaysEmpty = ["/proc/sys/fs/binfmt_misc", "/proc/fs/nfsd"];

/** What is mounted below /proc here, in the kernel's order. */
export function findCovers(): readonly string[] {
  try {
    return parseCovers(readFileSync("/proc/self/mountinfo", "utf8"));
  } catch {
    return [];
  }
}

export function parseCovers(mountinfo: string): readonly string[] {
  return parseMounts(mountinfo).flatMap(({ point }) =>
    /^\/proc\/./.test(point) && !alwaysEmpty.includes(point) ? [point] : [],
  );
}
