// Landing, from a journal to the checkout that has it: one at a time for a checkout, and whole or nothing. What a killed
// process began is taken to an end by the next.

import { mkdirSync, rmSync } from "node:fs";
import { Fault } from "../../domain/fault.ts";
import type { ReviewFault } from "../git.ts";
import { withLock, workspaceKey } from "../object-store.ts";
import type { StagedCopy } from "../staged/record.ts";
import { applyJournal } from "./apply.ts";
import { clearJournal, dropDraft, type Journal, readJournal, writeJournal } from "./journal.ts";

export type Landed =
  | { readonly kind: "landed"; readonly journal: Journal }
  /** Somebody changed it meanwhile: the checkout is as it was, but for what they did. */
  | { readonly kind: "taken-back"; readonly journal: Journal; readonly why: string };

/** From here on it is taken to an end, by this process or by the next. Throws where the journal cannot be written. */
export async function land(copy: StagedCopy, journal: Journal): Promise<Landed | ReviewFault> {
  writeJournal(copy, journal);
  return finish(copy, journal, undefined);
}

/** Begun, and not at its end. */
export function isCutShort(copy: StagedCopy): boolean {
  return readJournal(copy).kind !== "none";
}

/** A landing whose process was killed, taken to its end; undefined where there is none. */
export async function resumeLanding(copy: StagedCopy): Promise<Landed | ReviewFault | undefined> {
  const found = readJournal(copy);
  if (found.kind === "none") {
    dropDraft(copy);
    rmSync(preparedIn(copy), { recursive: true, force: true });
    return undefined;
  }
  if (found.kind === "damaged")
    return new Fault({ code: "landing", message: `the landing's journal in ${copy.directory} cannot be read` });
  return finish(copy, found.journal, found.since);
}

async function finish(
  copy: StagedCopy,
  journal: Journal,
  resumedFrom: number | undefined,
): Promise<Landed | ReviewFault> {
  let [current, why]: [Journal, string | undefined] = [journal, undefined];
  if (current.direction === "forward") {
    why = await applyJournal(copy, current, resumedFrom);
    if (why === undefined) return end(copy, { kind: "landed", journal });
    current = { ...journal, direction: "back" };
    writeJournal(copy, current);
  }
  const stuck = await applyJournal(copy, current, resumedFrom);
  if (stuck === undefined) return end(copy, { kind: "taken-back", journal, why: why ?? "it was being taken back" });
  const hint = "clear what is in the way, then: postern review";
  return new Fault({ code: "landing", message: `the landing can be taken neither on nor back: ${stuck}`, hint });
}

function end(copy: StagedCopy, landed: Landed): Landed {
  clearJournal(copy);
  rmSync(preparedIn(copy), { recursive: true, force: true });
  return landed;
}

/** Indexes that wait to be put in their place. */
const preparedIn = ({ directory }: StagedCopy): string => `${directory}/landing`;

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
