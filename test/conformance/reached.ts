// What a result of a few files speaks for: them and all of ours that they reach, not whole folders.

import { createHash } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { root } from "./results.ts";

/** A relative name of a file in quotes: an import, or what a worker or a process is begun with. */
const relativeName = /["'](\.{1,2}\/[^"'\n]+)["']/g;

/** From the repository's root: the files and whatever they name of ours, directly or not; sorted. */
export function reachedFrom(entries: readonly string[]): readonly string[] {
  const seen = new Set<string>();
  const left = [...entries];
  for (let path = left.pop(); path !== undefined; path = left.pop()) {
    if (seen.has(path) || statSync(join(root, path), { throwIfNoEntry: false })?.isFile() !== true) continue;
    seen.add(path);
    const text = readFileSync(join(root, path), "utf8");
    for (const [, name = ""] of text.matchAll(relativeName)) left.push(relative(root, join(root, dirname(path), name)));
  }
  return [...seen].sort();
}

/** SHA-256 over path and content of each of them, hex. */
export function digestReached(entries: readonly string[]): string {
  const total = createHash("sha256");
  for (const path of reachedFrom(entries))
    total
      .update(`${path}\0`)
      .update(readFileSync(join(root, path)))
      .update("\0");
  return total.digest("hex");
}
