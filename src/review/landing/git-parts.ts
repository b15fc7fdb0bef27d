// What a session changed in a git directory that git is told by: hooks, configuration, attributes. Told as files of that
// directory, always apart: they land only when a person names them. Enters: the directory as it was and as it is now,
// the latter *attacker-controlled*; no link is followed.

import { Fault } from "../../domain/fault.ts";
import { entriesOf } from "../entries.ts";
import { standAt } from "../foothold.ts";
import type { ReviewFault } from "../git.ts";
import { isSampleHook } from "../git-directory.ts";
import { blobName, keepBlob } from "../keep-blob.ts";
import type { ObjectStore } from "../object-store.ts";
import { contentNow, sideNow } from "../path-state.ts";
import type { CopiedRepository, StagedCopy } from "../staged/record.ts";
import type { Wish } from "./effects.ts";
import { same } from "./three-way.ts";

const single = ["config", "config.worktree", "info/attributes", "info/exclude", "info/sparse-checkout"];

export async function gitPartWishes(copy: StagedCopy, store: ObjectStore): Promise<readonly Wish[] | ReviewFault> {
  const wishes: Wish[] = [];
  for (const repository of copy.repositories) {
    for (const path of namesOf(copy, repository)) {
      const wish = await wishFor({ copy, store, repository, path });
      if (wish instanceof Fault) return wish;
      if (wish !== undefined) wishes.push(wish);
    }
  }
  return wishes;
}

function namesOf(copy: StagedCopy, { base, kept }: CopiedRepository): readonly string[] {
  const hooks = [base, kept].flatMap((place) => hooksIn(`${copy.directory}/${place}`));
  return [...new Set([...single, ...hooks])].sort();
}

/** git runs what lies there directly, nothing deeper. */
function hooksIn(git: string): readonly string[] {
  using stand = standAt(git, "hooks/any");
  const entries = stand === undefined ? [] : (entriesOf(stand.directory.itself) ?? []);
  return entries.filter(({ name }) => !isSampleHook(name)).map(({ name }) => `hooks/${name}`);
}

interface Part {
  readonly copy: StagedCopy;
  readonly store: ObjectStore;
  readonly repository: CopiedRepository;
  readonly path: string;
}

async function wishFor({ copy, store, repository, path }: Part): Promise<Wish | undefined | ReviewFault> {
  const [base, theirs] = [repository.base, repository.kept].map((place) => sideNow(`${copy.directory}/${place}`, path));
  if (base === "unknown" || theirs === "unknown" || same(base, theirs)) return undefined;
  const places = [
    [repository.base, base],
    [repository.kept, theirs],
  ] as const;
  for (const [place, version] of places) {
    const content = version === undefined ? undefined : contentNow(`${copy.directory}/${place}`, path);
    if (content === undefined || blobName(content) !== version?.object) continue;
    const kept = await keepBlob(store, content);
    if (kept instanceof Fault) return kept;
  }
  const root = path === "config.worktree" ? repository.own : repository.common;
  return { id: `${repository.path}/${path}`, root, path, base, theirs, apart: reasonFor(path) };
}

function reasonFor(path: string): string {
  if (path.startsWith("hooks/")) return "git: a program git runs";
  return path.startsWith("config")
    ? "git: settings, some of which run programs"
    : "git: what it ignores, and what passes through programs";
}
