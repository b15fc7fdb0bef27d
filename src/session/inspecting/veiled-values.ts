// What is withheld of files is secret too: values of those that are masked, and of those that are hidden and read like files of
// credentials. Enters: real paths; names and contents there are *attacker-controlled*, links are not followed. A value counts under a name
// that says so, in a published form, as the password of an address, or as a long word of mixed letters: `production` does not.

import { basename } from "node:path";
import type { KnownValue } from "../../inspection/known-text.ts";
import { entriesOf } from "../../review/entries.ts";
import { readWhole } from "../../review/leaf.ts";
import type { Concealed } from "../../review/veil/concealed.ts";
import { type NamedValue, valuesIn } from "../../review/veil/mask/mask.ts";
import { secretsIn } from "./known-values.ts";

const bounds = { files: 300, octets: 256 * 1024, depth: 8, entries: 5_000 } as const;

export function veiledValues({ masked, hidden }: Pick<Concealed, "masked" | "hidden">): readonly KnownValue[] {
  const budget = { entries: bounds.entries };
  const files = [
    ...masked.map(({ path }) => ({ path, label: "masked" })),
    ...hidden.flatMap(({ path, directory }) =>
      (directory ? filesBelow(path, budget, 0) : [path]).map((each) => ({ path: each, label: "hidden" })),
    ),
  ];
  return files.slice(0, bounds.files).flatMap(({ path, label }) => {
    const values = valuesOf(path);
    return values.map((value) => ({ label: `${label} ${basename(path).slice(0, 64)}`, value }));
  });
}

function valuesOf(path: string): readonly string[] {
  const content = readWhole(path, bounds.octets);
  if (content === undefined || content.includes(0)) return [];
  const named = valuesIn(basename(path), content).flatMap(secretOf);
  return [...new Set([...named, ...secretsIn("", content.toString("utf8"))])];
}

function secretOf({ key = "", value }: NamedValue): readonly string[] {
  const found = secretsIn(key, value);
  return isWordOfChance(value) && !found.includes(value) ? [...found, value] : found;
}

/** Nobody writes such a word by hand. */
const isWordOfChance = (value: string): boolean =>
  value.length <= 1_000 &&
  (/^(?=.*[a-z])(?=.*[A-Z])(?=.*\d)[\w+/=.~-]{20,}$/.test(value) || /^[0-9a-f]{32,}$/i.test(value));

function filesBelow(directory: string, budget: { entries: number }, depth: number): readonly string[] {
  if (depth > bounds.depth) return [];
  return (entriesOf(directory) ?? []).flatMap((entry) => {
    budget.entries -= 1;
    if (budget.entries < 0) return [];
    const path = `${directory}/${entry.name}`;
    if (entry.isDirectory()) return filesBelow(path, budget, depth + 1);
    return entry.isFile() ? [path] : [];
  });
}
