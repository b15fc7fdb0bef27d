// What files are called, for as long as a session lasts. A file that had a label when all was first read stays known as it was then,
// beside what it becomes: a tool that may write it could else take the label off by moving it, or by writing something else in its
// place, and let it leave under another name. Later ones are not kept, so that what is held does not grow with what a tool writes.

import type { Told } from "./desk.ts";

type File = Extract<Told, { kind: "file" }>;

/** Behind the path of a file as it was first; no path holds it. */
const asFirst = "\0";

/** As the checkout has it. */
export const pathOf = (name: string): string => (name.endsWith(asFirst) ? name.slice(0, -1) : name);

/** The name under which a file is known when it comes. */
export const nameFor = ({ path, labels, first }: Pick<File, "path" | "labels" | "first">): string =>
  first && labels.length > 0 ? `${path}${asFirst}` : path;

export interface Labels {
  /** → the name under which it is known. */
  readonly come: (file: Pick<File, "path" | "labels" | "first">) => string;
  readonly gone: (path: string) => void;
  /** Of all files known under these names: they hold the same. */
  readonly of: (names: readonly string[]) => readonly string[];
  /** Files that are known twice. */
  readonly kept: () => number;
}

export function openLabels(): Labels {
  const all = new Map<string, readonly string[]>();
  let kept = 0;
  return {
    come: ({ path, labels, first }) => {
      const was = `${path}${asFirst}`;
      if (nameFor({ path, labels, first }) === was) {
        all.set(was, labels);
        return was;
      }
      if (all.has(was) && !all.has(path)) kept += 1;
      if (labels.length > 0) all.set(path, labels);
      else all.delete(path);
      return path;
    },
    gone: (path) => {
      if (all.delete(path) && all.has(`${path}${asFirst}`)) kept -= 1;
    },
    of: (names) => [...new Set(names.flatMap((name) => all.get(name) ?? []))].sort(),
    kept: () => kept,
  };
}
