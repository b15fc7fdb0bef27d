// Postern's own shims: a directory first on the person's PATH, in which `claude` leads here. Whatever looks for the tool
// itself passes such a directory over, wherever it lies, so that a shim never leads to a shim.

import { existsSync } from "node:fs";
import { dirname, isAbsolute } from "node:path";

/** An empty file of this name says so of the directory it lies in. */
export const shimsMark = ".postern-shims";

export function isOwnShim(file: string): boolean {
  return existsSync(`${dirname(file)}/${shimsMark}`);
}

/** PATH without them. */
export function withoutShims(path: string): string {
  return path
    .split(":")
    .filter((entry) => !isAbsolute(entry) || !existsSync(`${entry}/${shimsMark}`))
    .join(":");
}
