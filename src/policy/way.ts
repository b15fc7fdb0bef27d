// Paths as text: nothing here asks the file system.

import { isAbsolute, relative, resolve } from "node:path";

/** Is `path` at or below `directory`? Both absolute and resolved. */
export function isWithin(path: string, directory: string): boolean {
  const way = relative(directory, path);
  return way === "" || (way !== ".." && !way.startsWith("../") && !isAbsolute(way));
}

/** A path as policies write it → absolute. */
export function absolute(text: string, base: string, home: string): string {
  return text === "~" || text.startsWith("~/") ? resolve(home, text.slice(2)) : resolve(base, text);
}
