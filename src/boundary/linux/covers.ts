// A container's /proc is often covered in places by mounts of its own. The kernel then refuses a fresh /proc to whoever is
// root only in a user namespace (`mount_too_revealing`, fs/namespace.c), so that nobody uncovers it that way.

import { readFileSync } from "node:fs";

/** What is mounted below /proc here, in the kernel's order. */
export function findCovers(): readonly string[] {
  try {
    return parseCovers(readFileSync("/proc/self/mountinfo", "utf8"));
  } catch {
    return [];
  }
}

/** Text of mountinfo (proc(5)): the fifth field is the mount point. */
export function parseCovers(mountinfo: string): readonly string[] {
  return mountinfo.split("\n").flatMap((line) => {
    const [, , , , point = ""] = line.split(" ");
    return /^\/proc\/./.test(point) && point !== "/proc/sys/fs/binfmt_misc" ? [point] : [];
  });
}
