// A tree that something inside made → gone. Names, depth and modes in it are attacker-controlled; no link is followed.

import { chmodSync, closeSync, constants, type Dirent, fstatSync, openSync, readdirSync, rmSync } from "node:fs";

/** O_PATH, asm-generic/fcntl.h; Node has no name for it. */
const pathOnly = 0o10000000;

/** Deeper ones are left to the removal itself, which says whether they stay. */
const deepest = 500;

/** Throws where some of it stays. Go, for one, makes its modules' directories unwritable. */
export function removeTree(directory: string): void {
  open(directory, 0);
  rmSync(directory, { recursive: true, force: true });
}

/** Each by the directory that is held, for whoever still writes there may put a link in a name's place. */
function open(directory: string, depth: number): void {
  let held: number | undefined;
  try {
    held = openSync(directory, pathOnly | constants.O_DIRECTORY | constants.O_NOFOLLOW);
    const here = `/proc/self/fd/${held}`;
    if ((fstatSync(held).mode & 0o700) !== 0o700) chmodSync(here, 0o700);
    if (depth === deepest) return;
    for (const entry of listed(`${here}/.`)) if (entry.isDirectory()) open(`${here}/${entry.name}`, depth + 1);
  } catch {
    // no directory any more, or not ours: whether it stays is said by the removal
  } finally {
    if (held !== undefined) closeSync(held);
  }
}

/** Nothing where it cannot be read. */
export function listed(directory: string): readonly Dirent[] {
  try {
    return readdirSync(directory, { withFileTypes: true });
  } catch {
    return [];
  }
}
