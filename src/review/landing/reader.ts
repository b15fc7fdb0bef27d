// A git directory of ours through which the objects of a private copy are read: the copy's own and, beside them, the
// checkout's. The copy's configuration and references are never in effect. Its objects are *attacker-controlled*: git is
// let near them only where every one is a plain file, and where they borrow from nobody but the checkout.

import { copyFileSync, type Dirent, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { entriesOf } from "../entries.ts";
import { standAt } from "../foothold.ts";
import { type GitPlace, runGit } from "../git.ts";
import { readWhole, statLink } from "../leaf.ts";
import { limits } from "../limits.ts";
import type { CopiedRepository, StagedCopy } from "../staged/record.ts";

/** Undefined where the objects are not what a repository's are. */
export function openReader(copy: StagedCopy, repository: CopiedRepository): GitPlace | undefined {
  const objects = `${copy.directory}/${repository.kept}/objects`;
  if (!isPlain(`${copy.directory}/${repository.kept}`)) return undefined;
  const store = `${copy.directory}/reader/${repository.base.replace("base/", "")}`;
  for (const part of ["objects", "refs"]) mkdirSync(`${store}/${part}`, { recursive: true, mode: 0o700 });
  writeFileSync(`${store}/HEAD`, "ref: refs/heads/none\n");
  writeFileSync(`${store}/config`, configurationFor(repository.common));
  rmSync(`${store}/shallow`, { force: true });
  const shallow = `${repository.common}/shallow`;
  if (statLink(shallow)?.isFile() === true) copyFileSync(shallow, `${store}/shallow`);
  const borrowed = [objects, `${repository.common}/objects`];
  return { store, workTree: store, objects: { directory: `${store}/objects`, borrowed } };
}

function configurationFor(common: string): string {
  const text = readWhole(`${common}/config`, limits.settingsBytes)?.toString() ?? "";
  const long = /^\s*objectformat\s*=\s*sha256\s*$/im.test(text);
  const format = long
    ? "\trepositoryformatversion = 1\n[extensions]\n\tobjectFormat = sha256\n"
    : "\trepositoryformatversion = 0\n";
  return `[core]\n\tbare = true\n${format}`;
}

/** Nothing in it leads elsewhere; that it says where else to look is taken out. */
function isPlain(git: string): boolean {
  using stand = standAt(git, "objects/any");
  if (stand === undefined) return false;
  const top = entriesOf(stand.directory.itself) ?? [];
  if (!top.every((entry) => entry.isDirectory())) return false;
  using info = standAt(git, "objects/info/any");
  for (const name of ["alternates", "http-alternates"]) {
    const place = info?.directory.at(name);
    if (place !== undefined) rmSync(place, { force: true });
  }
  return top.every(({ name }) => holdsFiles(git, name));
}

function holdsFiles(git: string, name: string): boolean {
  using stand = standAt(git, `objects/${name}/any`);
  const isFile = (entry: Dirent) => entry.isFile() || (name === "info" && entry.isDirectory());
  return stand !== undefined && (entriesOf(stand.directory.itself) ?? []).every(isFile);
}

/** Which of these are there. */
export async function present(place: GitPlace, objects: readonly string[]): Promise<ReadonlySet<string>> {
  if (objects.length === 0) return new Set();
  const output = await runGit({
    place,
    arguments: ["cat-file", "--batch-check=%(objectname)"],
    input: objects.map((object) => `${object}\n`).join(""),
  });
  if (!Buffer.isBuffer(output)) return new Set();
  return new Set(
    output
      .toString()
      .split("\n")
      .filter((line) => /^[0-9a-f]+$/.test(line)),
  );
}
