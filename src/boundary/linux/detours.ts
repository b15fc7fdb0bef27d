// A file of a tree that the tool writes, replaced inside by a link to another place: whoever writes it by its name, as git does
// by a lock beside it and a rename, writes there, and the file itself cannot be reached. In the helper's mount namespace, before
// bubblewrap binds the tree with all that is mounted in it. bubblewrap mounts no links: these are the kernel's newer calls
// (Linux 5.12). Where they are refused the file is unwritable inside, as it would be without.

import type { Detour } from "../contract.ts";
import { type Architecture, numberOf } from "./seccomp/numbers.ts";
import { loadForeign } from "./watch/foreign.ts";

/** linux/fcntl.h, linux/mount.h. */
const here = -100;
const emptyPath = 0x1000;
const clone = 0x1 | 0o2000000;
const notFollowed = 0x100;
const fromEmptyPath = 0x4;
/** RDONLY, NOSUID, NODEV: bubblewrap, which would set them by name and so follow the link, finds them set. */
const attributes = 0x7n;

/** Throws where the file can neither be replaced nor held. */
export async function layDetours(
  detours: readonly Detour[],
  mount: (...words: readonly string[]) => Promise<void>,
): Promise<void> {
  const { arch } = process;
  if (arch !== "x64" && arch !== "arm64") throw new Error(`no detours for ${arch}`);
  const lay = await openLaying(arch);
  for (const { at, by } of detours) if (!lay(at, by)) await mount("--bind", "-o", "ro,nosuid,nodev", at, at);
}

async function openLaying(architecture: Architecture): Promise<(at: string, by: string) => boolean> {
  const { libc } = await loadForeign();
  const { closeSync } = await import("node:fs");
  const openTree = libc.func("syscall", "long", ["long", "int", "const char *", "unsigned int"]);
  const setAttributes = libc.func("syscall", "long", ["long", "int", "const char *", "unsigned int", "void *", "long"]);
  const moveMount = libc.func("syscall", "long", [
    "long",
    "int",
    "const char *",
    "int",
    "const char *",
    "unsigned int",
  ]);
  const number = (call: "open_tree" | "mount_setattr" | "move_mount"): number => numberOf(call, architecture) ?? -1;
  /** struct mount_attr. */
  const wanted = Buffer.alloc(32);
  wanted.writeBigUInt64LE(attributes, 0);
  return (at, by) => {
    const tree: unknown = openTree(number("open_tree"), here, by, clone | notFollowed);
    if (typeof tree !== "number" || tree < 0) return false;
    try {
      if (setAttributes(number("mount_setattr"), tree, "", emptyPath, wanted, wanted.length) !== 0) return false;
      return moveMount(number("move_mount"), tree, "", here, at, fromEmptyPath) === 0;
    } finally {
      closeSync(tree);
    }
  };
}
