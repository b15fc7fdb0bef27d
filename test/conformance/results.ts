// What a long run found, kept in the repository: with date, versions, machine, and the digest of the sources it speaks
// for, so that a result that is no longer about this code is noticed.

import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { describeMachine, type Machine } from "../../bench/machine.ts";

export const root = fileURLToPath(new URL("../..", import.meta.url));
const directory = join(root, "conformance/results");

export interface Result {
  readonly name: string;
  /** ISO 8601, UTC. */
  readonly date: string;
  readonly machine: Machine;
  readonly sources: { readonly folders: readonly string[]; readonly sha256: string };
  readonly held: boolean;
  readonly found: Readonly<Record<string, unknown>>;
}

/** SHA-256 over path and content of every file in the folders that is not a test of ours: what runs inside is Python, too. */
export function digestFolders(folders: readonly string[]): string {
  const total = createHash("sha256");
  for (const folder of folders.toSorted())
    for (const path of filesBelow(join(root, folder)))
      if (!path.endsWith(".test.ts") && !path.includes("__pycache__"))
        total
          .update(`${folder}/${path}\0`)
          .update(readFileSync(join(root, folder, path)))
          .update("\0");
  return total.digest("hex");
}

function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .sort();
}

/** The digest is taken by the caller before the run: what changes meanwhile was not tried. */
export function keepResult(name: string, { sources, held, found }: Pick<Result, "sources" | "held" | "found">): string {
  const result: Result = { name, date: new Date().toISOString(), machine: describeMachine(), sources, held, found };
  mkdirSync(directory, { recursive: true });
  const file = join(directory, `${name}.json`);
  writeFileSync(file, `${JSON.stringify(result, undefined, 2)}\n`);
  return file;
}

export function readResults(): readonly Result[] {
  return readdirSync(directory)
    .filter((name) => name.endsWith(".json"))
    .sort()
    .map((name) => JSON.parse(readFileSync(join(directory, name), "utf8")) as Result);
}
