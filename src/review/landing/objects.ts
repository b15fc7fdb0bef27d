// Brings commits of a private copy into the checkout's objects, where nothing points at them yet: a pack made through a
// git directory of ours, then taken in by git with every object checked (fsck, no names that mean git's own, nothing
// missing). Enters: objects of the copy, *attacker-controlled*.

import { Fault } from "../../domain/fault.ts";
import { type GitPlace, type ReviewFault, runGit } from "../git.ts";
import { leadsAway } from "../repositories.ts";
import type { CopiedRepository, StagedCopy } from "../staged/record.ts";
import { openReader, present } from "./reader.ts";
import { oursOf } from "./references.ts";
import { isLinked } from "./repository-steps.ts";

/** Where git works on the checkout itself; its hooks are never run (git.ts). */
export function placeIn({ own }: CopiedRepository, workTree: string): GitPlace {
  return { store: own, workTree };
}

/** `tips`: what references are to name. */
export async function importObjects(
  copy: StagedCopy,
  repository: CopiedRepository,
  tips: readonly string[],
): Promise<ReviewFault | undefined> {
  const reader = openReader(copy, repository);
  if (reader === undefined)
    return new Fault({ code: "landing", message: `${repository.path}: its objects cannot be read` });
  if (leadsAway(copy.workspace, repository.common) || isLinked(repository.common, "objects/pack"))
    return new Fault({ code: "landing", message: `${repository.common}/objects/pack is a link, or lies behind one` });
  const checkout = placeIn(repository, copy.workspace);
  const there = await present(checkout, tips);
  const wanted = tips.filter((tip) => !there.has(tip));
  const known = [...(await present(checkout, [...new Set(oursOf(repository).named.values())]))];
  if (wanted.length > 0) {
    const pack = await runGit({
      place: reader,
      arguments: ["pack-objects", "--revs", "--stdout", "--delta-base-offset", "-q"],
      input: [...wanted, "--not", ...known, ""].join("\n"),
    });
    if (pack instanceof Fault) return pack;
    const taken = await runGit({
      place: checkout,
      arguments: ["index-pack", "--stdin", "--strict", "--fix-thin"],
      input: pack,
    });
    if (taken instanceof Fault) return refusal(taken);
  }
  const whole = await runGit({
    place: checkout,
    arguments: ["rev-list", "--objects", "--quiet", "--stdin"],
    input: [...tips, ...known.map((each) => `^${each}`), ""].join("\n"),
  });
  return whole instanceof Fault ? refusal(whole) : undefined;
}

function refusal(cause: ReviewFault): ReviewFault {
  const hint = "files can land without the commits: name them";
  return new Fault({ code: "landing", message: `git does not take the commits: ${cause.message}`, hint, cause });
}
