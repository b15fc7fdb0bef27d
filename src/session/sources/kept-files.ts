// What was kept of a file, held against the file: taken for it only where the very same lies there, unchanged, and no link leads to it.

import { type KeptRecord, printIn } from "../../inspection/source/kept.ts";
import type { Print } from "../../inspection/source/print.ts";
import { statLink } from "../../review/leaf.ts";
import { placeIn, type SourceRoot } from "./listing.ts";
import type { Look } from "./look.ts";

/** What others wrote, kept among one's own. */
const others = /(?:^|\/)(?:vendor|third[_-]party|node_modules|bower_components)\//i;
/** What everybody has. */
const licences = /(?:^|\/)(?:LICENSE|LICENCE|COPYING|NOTICE)[^/]*$/i;

export type Standing = "own" | "others" | "licence";

export function standingOf({ label }: Pick<SourceRoot, "label">, path: string): Standing {
  if (label !== "workspace") return "own";
  return others.test(path) ? "others" : licences.test(path) ? "licence" : "own";
}

export type Taking = (path: string, look: Look) => Print | undefined;

/** For one look at all files of a tree: what a directory is, is asked once. */
export function openTaking(root: SourceRoot, records: ReadonlyMap<string, KeptRecord>): Taking {
  const directories = new Map<string, boolean>([["", true]]);
  const isPlain = (directory: string): boolean => {
    const known = directories.get(directory);
    if (known !== undefined) return known;
    const above = directory.includes("/") ? directory.slice(0, directory.lastIndexOf("/")) : "";
    const plain = isPlain(above) && statLink(placeIn(root, directory))?.isDirectory() === true;
    directories.set(directory, plain);
    return plain;
  };
  return (path, look) => {
    const record = records.get(path);
    if (record?.mark !== look.mark) return undefined;
    if (!isPlain(path.includes("/") ? path.slice(0, path.lastIndexOf("/")) : "")) return undefined;
    return printIn(record);
  };
}
