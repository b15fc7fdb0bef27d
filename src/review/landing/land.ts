// Landing, from what a person accepted to the checkout that has it: one at a time for a checkout. Made ready, it is whole
// or nothing: everything it needs lies in the state directory and its journal is durable, or the checkout was not touched.

import { mkdirSync, rmSync } from "node:fs";
import { Fault } from "../../domain/fault.ts";
import type { ReviewFault } from "../git.ts";
import { withLock, workspaceKey } from "../object-store.ts";
import type { StagedCopy } from "../staged/record.ts";
import { applyJournal } from "./apply.ts";
import { clearJournal, type Journal, readJournal, writeJournal } from "./journal.ts";
import { planFiles } from "./plan.ts";
import { planRepositories } from "./repositories.ts";
import { openReview, type Review } from "./review.ts";
import { type Chosen, select, type Wanted } from "./selection.ts";

export interface Acceptance extends Wanted {
  /** Name → digest of each item as it was last shown. */
  readonly shown: Readonly<Record<string, string>>;
}

export type Ready =
  | { readonly kind: "ready"; readonly review: Review; readonly journal: Journal; readonly chosen: readonly Chosen[] }
  | { readonly kind: "refused"; readonly why: string; readonly hint: string }
  /** These are not what was shown; the review as it is now. */
  | { readonly kind: "changed"; readonly review: Review; readonly ids: readonly string[] };

/** Objects and contents are brought to where they are needed; nothing that anybody would notice changes. */
export async function makeReady(copy: StagedCopy, acceptance: Acceptance): Promise<Ready | ReviewFault> {
  const review = await openReview(copy);
  if (review instanceof Fault) return review;
  const selection = select(review, acceptance);
  if (selection.kind === "refused") return selection;
  const chosen = selection.all;
  const ids = chosen.filter(({ item }) => acceptance.shown[item.id] !== item.digest).map(({ item }) => item.id);
  if (ids.length > 0) return { kind: "changed", review, ids };
  const files = await planFiles(copy, chosen);
  if (files instanceof Fault) return files;
  const named = chosen.map(({ item }) => item).filter((item) => item.kind === "reference");
  const repositories = await planRepositories(copy, named);
  if (repositories instanceof Fault) return repositories;
  const accepted = chosen.map(({ item, hunks }) =>
    hunks === undefined ? item.id : `${item.id}#${hunks.map((at) => at + 1).join(",")}`,
  );
  const journal: Journal = { ...files, repositories, direction: "forward", digest: review.digest, accepted };
  return { kind: "ready", review, journal, chosen };
}

export type Landed =
  | { readonly kind: "landed"; readonly journal: Journal }
  /** Somebody changed it meanwhile: the checkout is as it was, but for what they did. */
  | { readonly kind: "taken-back"; readonly journal: Journal; readonly why: string };

/** From here on it is taken to an end, by this process or by the next. Throws where the journal cannot be written. */
export async function land(copy: StagedCopy, journal: Journal): Promise<Landed | ReviewFault> {
  writeJournal(copy, journal);
  return finish(copy, journal);
}

/** Begun, and not at its end. */
export function isCutShort(copy: StagedCopy): boolean {
  return readJournal(copy).kind !== "none";
}

/** A landing whose process was killed, taken to its end; undefined where there is none. */
export async function resumeLanding(copy: StagedCopy): Promise<Landed | ReviewFault | undefined> {
  const found = readJournal(copy);
  if (found.kind === "none") return undefined;
  if (found.kind === "damaged")
    return new Fault({ code: "landing", message: `the landing's journal in ${copy.directory} cannot be read` });
  return finish(copy, found.journal);
}

async function finish(copy: StagedCopy, journal: Journal): Promise<Landed | ReviewFault> {
  let [current, why]: [Journal, string | undefined] = [journal, undefined];
  if (current.direction === "forward") {
    why = await applyJournal(copy, current);
    if (why === undefined) return end(copy, { kind: "landed", journal });
    current = { ...journal, direction: "back" };
    writeJournal(copy, current);
  }
  const stuck = await applyJournal(copy, current);
  if (stuck === undefined) return end(copy, { kind: "taken-back", journal, why: why ?? "it was being taken back" });
  const hint = "clear what is in the way, then: postern review";
  return new Fault({ code: "landing", message: `the landing can be taken neither on nor back: ${stuck}`, hint });
}

function end(copy: StagedCopy, landed: Landed): Landed {
  clearJournal(copy);
  rmSync(`${copy.directory}/landing`, { recursive: true, force: true });
  return landed;
}

/** One landing at a time into a checkout. */
export function withLanding<Result>(
  state: string,
  workspace: string,
  work: () => Promise<Result>,
): Promise<Result | ReviewFault> {
  const directory = `${state}/staged/.landing-${workspaceKey(workspace)}`;
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  return withLock({ directory, workspace }, work);
}
