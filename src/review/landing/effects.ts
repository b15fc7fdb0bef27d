// What landing would do to the checkout as it stands now, path by path: an effect with what is there before and after it,
// or a conflict. Enters: changes of a private copy, *attacker-controlled*; contents go into the copy's store, so that what
// is shown, what is bound by a digest and what is written are the same bytes.

import { rmSync, writeFileSync } from "node:fs";
import { Fault } from "../../domain/fault.ts";
import { Blobs } from "../blobs.ts";
import { type ReviewFault, runGit } from "../git.ts";
import { blobName, keepBlob } from "../keep-blob.ts";
import { type ObjectStore, placeOf } from "../object-store.ts";
import { contentNow, sideNow } from "../path-state.ts";
import { decide, same, type Version } from "./three-way.ts";

/** One path of the copy, as it was at the start and as it is. */
export interface Wish {
  /** As a person reads and names it. */
  readonly id: string;
  /** Below which it lands: the checkout, or one of its git directories. Ours; `path` is *attacker-controlled*. */
  readonly root: string;
  readonly path: string;
  readonly base: Version | undefined;
  readonly theirs: Version | undefined;
  /** Why it lands only when it is named; undefined: an ordinary file. */
  readonly apart: string | undefined;
  /** Why it never lands. */
  readonly refused?: string | undefined;
}

export interface FileEffect extends Omit<Wish, "base" | "theirs" | "refused"> {
  readonly kind: "file";
  readonly before: Version | undefined;
  readonly after: Version | undefined;
  /** The checkout had changed as well, elsewhere in it. */
  readonly joined: boolean;
}

export interface FileConflict extends Omit<Wish, "base" | "theirs" | "refused"> {
  readonly kind: "conflict";
  readonly why: string;
}

export type Outcome = FileEffect | FileConflict;

/** In the order of the wishes, without those the checkout has already. */
export async function effectsOf(
  store: ObjectStore,
  wishes: readonly Wish[],
): Promise<readonly Outcome[] | ReviewFault> {
  const outcomes: Outcome[] = [];
  await using blobs = new Blobs(store);
  for (const wish of wishes) {
    const outcome = await effectOf({ store, blobs, wish });
    if (outcome instanceof Fault) return outcome;
    if (outcome !== undefined) outcomes.push(outcome);
  }
  return outcomes;
}

interface Work {
  readonly store: ObjectStore;
  readonly blobs: Blobs;
  readonly wish: Wish;
}

async function effectOf(work: Work): Promise<Outcome | undefined | ReviewFault> {
  const { wish } = work;
  const { id, root, path, apart, base } = wish;
  const conflict = (why: string): FileConflict => ({ kind: "conflict", id, root, path, apart, why });
  if (wish.refused !== undefined) return conflict(wish.refused);
  const ours = sideNow(root, path);
  if (ours === "unknown") return conflict("what stands there in the checkout is no file, or cannot be read");
  const theirs = wish.theirs === undefined ? undefined : plain(wish.theirs);
  const decision = decide({ base: base === undefined ? undefined : plain(base), ours: ours && plain(ours), theirs });
  if (decision.kind === "none") return undefined;
  if (decision.kind === "conflict") return conflict(decision.why);
  if (ours !== undefined && !same(ours, base)) {
    const kept = await keepOurs(work, ours);
    if (kept instanceof Fault) return kept;
    if (!kept) return conflict("it is changing in the checkout just now");
  }
  const effect = { kind: "file" as const, id, root, path, apart, before: ours };
  if (decision.kind === "take") return { ...effect, after: decision.after, joined: !same(ours, base) };
  const object = await join(work, ours?.object ?? "");
  if (object instanceof Fault) return object;
  if (object === undefined) return conflict("both changed the same lines");
  if (object === ours?.object) return undefined;
  return { ...effect, after: { kind: "file", object, mode: decision.mode }, joined: true };
}

/** Never a set-user-id bit, whoever set it. */
function plain(version: Version): Version {
  return { ...version, mode: version.mode & 0o777 };
}

/** False where it is no longer what was just looked at. */
async function keepOurs({ store, wish }: Work, ours: Version): Promise<boolean | ReviewFault> {
  const content = contentNow(wish.root, wish.path);
  if (content === undefined || blobName(content) !== ours.object) return false;
  const object = await keepBlob(store, content);
  return object instanceof Fault ? object : true;
}

/** git-merge-file(1): the object of the joined content; undefined where the same lines were changed, or it is not text. */
async function join({ store, blobs, wish }: Work, ours: string): Promise<string | undefined | ReviewFault> {
  const names = { ours, base: wish.base?.object ?? "", theirs: wish.theirs?.object ?? "" };
  const files: string[] = [];
  try {
    for (const [name, object] of Object.entries(names)) {
      const content = await blobs.read(object);
      if (content === undefined) return new Fault({ code: "store", message: `the store has lost ${wish.path}` });
      const file = `${store.directory}/join.${name}`;
      writeFileSync(file, content, { mode: 0o600 });
      files.push(file);
    }
    const joined = await runGit({ place: placeOf(store), arguments: ["merge-file", "-p", "-q", ...files] });
    // its exit code is the number of conflicts
    return joined instanceof Fault ? undefined : await keepBlob(store, joined);
  } finally {
    for (const file of files) rmSync(file, { force: true });
  }
}
