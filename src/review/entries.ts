// A directory → its entries with their kinds, or undefined where it cannot be listed. Enters: a path, *attacker-controlled*
// below its root; no entry is followed.

import { type Dirent, readdirSync } from "node:fs";

export function entriesOf(directory: string): readonly Dirent[] | undefined {
  try {
    return readdirSync(directory, { withFileTypes: true });
  } catch {
    return undefined;
  }
}
