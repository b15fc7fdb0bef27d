// A tree that something inside made → gone. Names, depth and modes in it are attacker-controlled; no link is followed.

import { chmodSync, type Dirent, lstatSync, readdirSync, rmSync } from "node:fs";

/** Throws where some of it stays. Go, for one, makes its modules' directories unwritable. */
export function removeTree(directory: string): void {
  const queue = [directory];
  for (let here = queue.pop(); here !== undefined; here = queue.pop()) {
    open(here);
    for (const entry of listed(here)) if (entry.isDirectory()) queue.push(`${here}/${entry.name}`);
  }
  rmSync(directory, { recursive: true, force: true });
}

function open(directory: string): void {
  try {
    if ((lstatSync(directory).mode & 0o700) !== 0o700) chmodSync(directory, 0o700);
  } catch {
    // deeper than a path can be long: whether it stays is said by the removal itself
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
