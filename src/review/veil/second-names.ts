// Other names of the same files (hard links): hidden under one name, a file could be read under another. Enters: what is hidden
// and masked by its real path; leaves: the other names in the trees that are shown. Looked for only where there are any by the
// file's own count of them, and until that many are found.

import { isWithin } from "../../policy/way.ts";
import { entriesOf } from "../entries.ts";
import { statLink } from "../leaf.ts";
import { limits } from "../limits.ts";
import type { Hidden, Masked } from "./concealed.ts";

interface Sought {
  readonly roots: readonly string[];
  readonly hidden: readonly Hidden[];
  readonly masked: readonly Masked[];
}

export interface SecondName {
  readonly path: string;
  readonly first: Hidden | Masked;
}

export function secondNames(sought: Sought): { readonly names: readonly SecondName[]; readonly truncated: boolean } {
  const budget = { left: limits.veilNames };
  const first = new Map<string, Hidden | Masked>();
  const noted = new Set<string>();
  let missing = 0;
  const note = (path: string, one: Hidden | Masked): void => {
    const stats = statLink(path);
    if (stats?.isFile() !== true || stats.nlink < 2 || noted.has(path)) return;
    noted.add(path);
    const file = `${stats.dev}:${stats.ino}`;
    missing += first.has(file) ? -1 : stats.nlink - 1;
    first.set(file, one);
  };
  for (const one of sought.masked) note(one.path, one);
  for (const one of sought.hidden)
    if (one.directory) for (const path of filesBelow(one.path, budget)) note(path, one);
    else note(one.path, one);
  const names: SecondName[] = [];
  const known = new Set([...sought.hidden, ...sought.masked].map(({ path }) => path));
  const directories = sought.hidden.filter(({ directory }) => directory);
  for (const root of sought.roots)
    if (missing > 0)
      for (const path of filesBelow(root, budget)) {
        const stats = statLink(path);
        const one = stats === undefined ? undefined : first.get(`${stats.dev}:${stats.ino}`);
        if (one === undefined || known.has(path) || directories.some((each) => isWithin(path, each.path))) continue;
        names.push({ path, first: one });
        known.add(path);
        missing -= 1;
        if (missing === 0) break;
      }
  return { names, truncated: budget.left < 0 };
}

/** Regular files, git's own too; no link is followed. */
function* filesBelow(top: string, budget: { left: number }): Generator<string> {
  if (statLink(top)?.isFile() === true) yield top;
  const queue = [top];
  for (let directory = queue.pop(); directory !== undefined; directory = queue.pop())
    for (const entry of entriesOf(directory) ?? []) {
      budget.left -= 1;
      if (budget.left < 0) return;
      if (entry.isDirectory()) queue.push(`${directory}/${entry.name}`);
      else if (entry.isFile()) yield `${directory}/${entry.name}`;
    }
}
