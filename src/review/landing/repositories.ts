// Accepted branches and heads → what is to be written into each git directory of the checkout: references, head, and an
// index that goes with them, prepared beside. What a person has staged there stays, or nothing lands. Objects are brought
// over here, before anything is bound to them; references and index are not touched.

import { copyFileSync, mkdirSync, rmSync } from "node:fs";
import { Fault } from "../../domain/fault.ts";
import { type ReviewFault, runGit } from "../git.ts";
import { describeIndex } from "../histories.ts";
import { statLink } from "../leaf.ts";
import type { CopiedRepository, StagedCopy } from "../staged/record.ts";
import { importObjects, placeIn } from "./objects.ts";
import type { ReferenceItem } from "./reference-items.ts";
import { oursOf } from "./references.ts";

export interface Move {
  /** `HEAD` or below `refs/`. */
  readonly name: string;
  /** An object, or `ref: <name>` of a head; undefined: not there. */
  readonly before: string | undefined;
  readonly after: string | undefined;
}

export interface RepositoryOperation {
  /** Git directories of the checkout, absolute. */
  readonly own: string;
  readonly common: string;
  readonly references: readonly Move[];
  readonly head: Move | undefined;
  readonly index: IndexOperation | undefined;
}

export interface IndexOperation {
  /** The new one, in the copy's directory. */
  readonly prepared: string;
  /** The one that is replaced, beside it; undefined where there is none. */
  readonly old: string | undefined;
  /** Of what they say, not of the files. */
  readonly before: string;
  readonly after: string;
}

export async function planRepositories(
  copy: StagedCopy,
  items: readonly ReferenceItem[],
): Promise<readonly RepositoryOperation[] | ReviewFault> {
  const operations: RepositoryOperation[] = [];
  for (const [number, repository] of copy.repositories.entries()) {
    const moves = items.filter((item) => item.repository.path === repository.path);
    if (moves.length === 0) continue;
    const operation = await planRepository({ copy, repository, number }, moves);
    if (operation instanceof Fault) return operation;
    operations.push(operation);
  }
  return operations;
}

interface Planned {
  readonly copy: StagedCopy;
  readonly repository: CopiedRepository;
  readonly number: number;
}

async function planRepository(
  planned: Planned,
  items: readonly ReferenceItem[],
): Promise<RepositoryOperation | ReviewFault> {
  const { copy, repository } = planned;
  const moves = items.map(({ name, before, after }): Move => ({ name, before, after }));
  const references = moves.filter(({ name }) => name !== "HEAD");
  const head = moves.find(({ name }) => name === "HEAD");
  const { named, head: oldHead } = oursOf(repository);
  const later = new Map<string, string | undefined>([
    ...named,
    ...references.map(({ name, after }) => [name, after] as const),
  ]);
  const newHead = head?.after ?? oldHead;
  const [before, after] = [resolve(oldHead, named), resolve(newHead, later)];
  if (head !== undefined && after === undefined)
    return new Fault({
      code: "landing",
      message: `HEAD would name ${newHead.slice(5)}, which does not land`,
      hint: "accept both",
    });
  const tips = [...new Set([...references.map((move) => move.after), after])].filter((each) => each !== undefined);
  const imported = await importObjects(copy, repository, tips);
  if (imported !== undefined) return imported;
  const index = before === after ? undefined : await planIndex(planned, { before, after: after ?? "" });
  if (index instanceof Fault) return index;
  return { own: repository.own, common: repository.common, references, head, index };
}

function resolve(head: string, named: ReadonlyMap<string, string | undefined>): string | undefined {
  return head.startsWith("ref: ") ? named.get(head.slice(5)) : head === "" ? undefined : head;
}

/** The tree of no file, by both of git's ways to name one. */
const nothing = (like: string): string =>
  like.length === 40
    ? "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
    : "6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321";

/** As git checks out a branch (git-read-tree(1), two trees): what is staged stays where the branch did not change it. */
async function planIndex(
  { copy, repository, number }: Planned,
  { before, after }: { readonly before: string | undefined; readonly after: string },
): Promise<IndexOperation | ReviewFault> {
  const prepared = `${copy.directory}/landing/index.${number}`;
  mkdirSync(`${copy.directory}/landing`, { recursive: true, mode: 0o700 });
  for (const each of [prepared, `${prepared}.old`]) rmSync(each, { force: true });
  const own = `${repository.own}/index`;
  const kept = statLink(own)?.isFile() === true ? `${prepared}.old` : undefined;
  if (kept !== undefined) for (const each of [prepared, kept]) copyFileSync(own, each);
  const place = placeIn(repository, copy.workspace);
  const old = await describeIndex(place);
  if (old instanceof Fault) return old;
  const joined = await runGit({
    place: { ...place, index: prepared },
    arguments: ["read-tree", "-i", "-m", before ?? nothing(after), after],
    settings: ["core.protectNTFS=true", "core.protectHFS=true"],
  });
  if (joined instanceof Fault) {
    const hint = "commit or unstage it there, or let the files land without the commits";
    return new Fault({ code: "landing", message: "what is staged in the checkout is in the way", hint, cause: joined });
  }
  const fresh = await describeIndex({ ...place, index: prepared });
  return fresh instanceof Fault ? fresh : { prepared, old: kept, before: old, after: fresh };
}
