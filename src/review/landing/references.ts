// Branches, tags and heads a session moved, as effects on the checkout's: with the commits that come with each, and a
// conflict where the checkout's moved as well. Enters: references of a private copy, *attacker-controlled*, read as files;
// its commits, read through a git directory of ours.

import { resolve } from "node:path";
import { Fault } from "../../domain/fault.ts";
import { entriesOf } from "../entries.ts";
import type { GitPlace } from "../git.ts";
import { readWhole } from "../leaf.ts";
import { parseReferences, type References, readReferences } from "../references.ts";
import { workTreeOf } from "../repositories.ts";
import { type CopyVeil, isAbove, sayVeiled, veilOfCopy } from "../staged/conceal.ts";
import type { CopiedRepository, StagedCopy } from "../staged/record.ts";
import { type Commit, commitsOf, countDropped } from "./commits.ts";
import { openReader, present } from "./reader.ts";

export interface ReferenceEffect {
  readonly kind: "reference";
  /** As a person names it: `refs/heads/main`, `HEAD`; of a nested repository with its path before. */
  readonly id: string;
  readonly repository: CopiedRepository;
  /** `HEAD`, or below `refs/`. */
  readonly name: string;
  /** An object, or `ref: <name>` of a head; undefined: not there. */
  readonly before: string | undefined;
  readonly after: string | undefined;
  /** New in the checkout, newest first. */
  readonly commits: readonly Commit[];
  /** Commits of the checkout's that it would no longer hold. */
  readonly dropped: number;
  readonly apart: string | undefined;
}

export interface ReferenceConflict {
  readonly kind: "conflict";
  readonly id: string;
  readonly apart: undefined;
  readonly why: string;
}

export interface ReferenceOutcomes {
  readonly all: readonly (ReferenceEffect | ReferenceConflict)[];
  readonly told: readonly string[];
}

export async function referenceOutcomes(copy: StagedCopy): Promise<ReferenceOutcomes> {
  const all: (ReferenceEffect | ReferenceConflict)[] = [];
  const told: string[] = [];
  for (const repository of copy.repositories) {
    const read = readSides(copy, repository);
    const moved = movedIn(read);
    if (moved.length === 0) continue;
    const place = openReader(copy, repository);
    if (place === undefined || !read.theirs.whole) {
      told.push(`${repository.path}: its branches do not land, its objects are not read: no plain files, or too many`);
      continue;
    }
    const known = [...(await present(place, [...new Set(read.ours.named.values())]))];
    for (const name of moved) {
      const outcome = await outcomeFor(
        { ...read, veil: copy.veil, workspace: copy.workspace, repository, place, known, named: namedIn(copy) },
        name,
      );
      if (outcome !== undefined) all.push(outcome);
    }
  }
  return { all, told };
}

const namedIn = ({ personal }: StagedCopy): readonly string[] => [
  ...(personal?.places ?? []),
  ...(personal?.files ?? []),
];

interface Sides {
  readonly base: References;
  readonly ours: References;
  readonly theirs: References;
}

export function readSides(copy: StagedCopy, repository: CopiedRepository): Sides {
  const theirs = parseReferences(readReferences(`${copy.directory}/${repository.kept}`));
  return { base: parseReferences(repository.references), ours: oursOf(repository), theirs };
}

/** The checkout's, now: a linked worktree has a head of its own. */
export function oursOf({ own, common }: CopiedRepository): References {
  const ours = parseReferences(readReferences(common));
  return own === common ? ours : { ...ours, head: readWhole(`${own}/HEAD`, 4096)?.toString().trim() ?? "" };
}

/** Branches before heads, which may name them. */
function movedIn({ base, theirs }: Sides): readonly string[] {
  const names = [...new Set([...base.named.keys(), ...theirs.named.keys()])].sort();
  const moved = names.filter((name) => base.named.get(name) !== theirs.named.get(name));
  return base.head === theirs.head ? moved : [...moved, "HEAD"];
}

interface Reading extends Sides {
  readonly veil: CopyVeil;
  readonly workspace: string;
  readonly repository: CopiedRepository;
  readonly place: GitPlace;
  /** What the checkout holds already. */
  readonly known: readonly string[];
  /** Control files by the person's own configuration. */
  readonly named: readonly string[];
}

async function outcomeFor(reading: Reading, name: string): Promise<ReferenceEffect | ReferenceConflict | undefined> {
  const { repository, place } = reading;
  const at = ({ head, named }: References) => (name === "HEAD" ? head : named.get(name));
  const [base, before, after] = [at(reading.base), at(reading.ours), at(reading.theirs)];
  if (before === after) return undefined;
  const id = repository.path === ".git" ? name : `${repository.path.replace(/\/?\.git$/, "")}:${name}`;
  const conflict = (why: string): ReferenceConflict => ({ kind: "conflict", id, apart: undefined, why });
  const stuck = objection(reading, name, after);
  if (stuck !== undefined) return conflict(stuck);
  const objects = { before: resolved(reading.ours, before), after: resolved(reading.theirs, after) };
  if (objects.after !== undefined && !(await present(place, [objects.after])).has(objects.after))
    return conflict("the commit it names is not in the copy");
  const dropped = await countDropped(place, objects);
  if (dropped instanceof Fault) return conflict(dropped.message);
  if (before !== base && (dropped > 0 || name === "HEAD" || before === undefined || after === undefined))
    return conflict("it moved on in the checkout");
  const commits = objects.after === undefined ? [] : await commitsOf(place, objects.after, reading);
  if (commits instanceof Fault) return conflict(commits.message);
  if (commits.some((commit) => commit.forbidden)) return conflict("a commit holds a name that means a git directory");
  const veiled = veiledIn(reading, commits);
  if (veiled !== undefined) return conflict(veiled);
  const apart = apartBecause(name, commits);
  // what a head names brings its commits itself
  const brought = after?.startsWith("ref: ") === true ? [] : commits;
  return { kind: "reference", id, repository, name, before, after, commits: brought, dropped, apart };
}

/** What the policy hides or masks is not changed by way of a commit either, nor replaced with the directory around it. */
function veiledIn({ veil, workspace, repository }: Reading, commits: readonly Commit[]): string | undefined {
  const of = veilOfCopy(veil);
  const at = workTreeOf(repository, workspace);
  for (const { path, modes } of commits.flatMap(({ changes }) => changes)) {
    const place = at === "" ? path : `${at}/${path}`;
    const veiled = of(place);
    if (veiled !== undefined) return `a commit changes ${path}: ${sayVeiled(veiled)}`;
    if (/^1[02]0/.test(modes[1]) && isAbove(veil, place))
      return `a commit puts ${path} where a directory with hidden or masked files is`;
  }
  return undefined;
}

function resolved({ named }: References, value: string | undefined): string | undefined {
  if (value === undefined || !value.startsWith("ref: ")) return value === "" ? undefined : value;
  return named.get(value.slice(5));
}

/** What a checkout stands on is not taken away from under it. */
function objection({ repository, ours }: Reading, name: string, after: string | undefined): string | undefined {
  if (name === "HEAD" && after !== undefined && !/^(?:ref: refs\/heads\/|[0-9a-f]+$)/.test(after))
    return "the copy's head names no branch";
  if (ours.head === `ref: ${name}` && after === undefined) return "the checkout stands on it";
  const elsewhere = headsElsewhere(repository).includes(name === "HEAD" ? (after ?? "") : `ref: ${name}`);
  return elsewhere ? "another worktree of the checkout stands on it" : undefined;
}

function headsElsewhere({ own, common }: CopiedRepository): readonly string[] {
  const worktrees = (entriesOf(`${common}/worktrees`) ?? []).map(({ name }) => `${common}/worktrees/${name}`);
  const places = [...(own === common ? [] : [common]), ...worktrees];
  return places
    .filter((place) => resolve(place) !== resolve(own))
    .map((place) => readWhole(`${place}/HEAD`, 4096)?.toString().trim() ?? "");
}

function apartBecause(name: string, commits: readonly Commit[]): string | undefined {
  const control = commits.flatMap((commit) => commit.control)[0];
  if (control !== undefined) return `its commits hold ${control}`;
  return name === "HEAD" || /^refs\/(?:heads|tags)\//.test(name) ? undefined : "neither branch nor tag";
}
