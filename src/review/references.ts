// HEAD and references of one of the workspace's repositories as text, for the record: where its branches stood before a
// session. Enters: a git directory, *attacker-controlled*. Read as files; git is not started in it.

import { entriesOf } from "./entries.ts";
import { readWhole } from "./leaf.ts";
import { limits } from "./limits.ts";

/** `<object> <name>` lines, HEAD first as `HEAD <its text>`; bounded. */
export function readReferences(directory: string): readonly string[] {
  const lines = [`HEAD ${text(`${directory}/HEAD`)}`];
  const packed = text(`${directory}/packed-refs`, 4 * 1024 * 1024)
    .split("\n")
    .filter((line) => /^[0-9a-f]{40,64} refs\//.test(line));
  lines.push(...packed.slice(0, limits.references));
  walk(directory, "refs", lines);
  return lines.slice(0, limits.references);
}

function walk(directory: string, at: string, lines: string[]): void {
  if (at.length > 1000) return;
  for (const entry of entriesOf(`${directory}/${at}`) ?? []) {
    if (lines.length >= limits.references) return;
    const path = `${at}/${entry.name}`;
    if (entry.isDirectory()) walk(directory, path, lines);
    else if (entry.isFile()) lines.push(`${text(`${directory}/${path}`)} ${path}`);
  }
}

function text(path: string, bound = 4096): string {
  return readWhole(path, bound)?.toString().trim() ?? "";
}
