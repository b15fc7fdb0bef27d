// `postern why NUMBER`: what was decided of that entry and by which rule, as the record has it; and what to ask of the
// policy now: the same subject, under the same tool, in the same checkout.

import { existsSync } from "node:fs";
import { openRecord, type ReadableRecord, type RecordedEntry } from "../../ledger/record.ts";
import { describeState } from "../../session/state.ts";
import { stateDirectory } from "../../session/state-directory.ts";
import { readCaller } from "../caller.ts";
import { tellEntry } from "../entry-line.ts";
import { subjectOf } from "../entry-subject.ts";
import { print, warn } from "../speech.ts";
import { show } from "../table.ts";
import { tellContent } from "./why-content.ts";

export interface EntryQuestion {
  readonly entry: RecordedEntry;
  /** Undefined where it is about nothing a policy decides. */
  readonly subject: string | undefined;
  readonly tool: string | undefined;
  /** Undefined where it is no more. */
  readonly workspace: string | undefined;
}

/** Undefined where there is no such entry: said already. */
export function findEntry(index: number): EntryQuestion | undefined {
  const caller = readCaller();
  using record = openRecord(describeState(stateDirectory(caller.environment, caller.home)).directory);
  const entry = entryAt(record, index);
  if (entry === undefined) {
    warn(`there is no entry ${index}`, `the record has ${record.size()} entries: postern log lists them`);
    return undefined;
  }
  const [start] = [...record.entries({ session: entry.leaf.session, kind: "session.start" })];
  const begun = typeof start?.sealed === "object" ? start.sealed : {};
  const { tool, workspace } = begun;
  const name = typeof tool === "object" && tool !== null && "name" in tool ? tool.name : undefined;
  return {
    entry,
    subject: subjectOf(intentOf(record, entry) ?? entry),
    tool: typeof name === "string" ? name : undefined,
    workspace: typeof workspace === "string" && existsSync(workspace) ? workspace : undefined,
  };
}

function entryAt(record: ReadableRecord, index: number): RecordedEntry | undefined {
  return [...record.entries({ from: index, to: index + 1 })][0];
}

/** A reply is about what its request was about. */
function intentOf(record: ReadableRecord, { sealed }: RecordedEntry): RecordedEntry | undefined {
  const intent = typeof sealed === "object" ? sealed["intent"] : undefined;
  return typeof intent === "number" && Number.isSafeInteger(intent) ? entryAt(record, intent) : undefined;
}

export function describeEntry({ entry, workspace }: EntryQuestion): void {
  const { leaf, index } = entry;
  print(`entry ${index}, ${leaf.time.slice(0, 19).replace("T", " ")}, ${leaf.session}: ${leaf.kind}`);
  const told = tellEntry(entry);
  if (told !== "") print(`  what    ${told}`);
  if (leaf.verdict === undefined) return;
  const reason = typeof entry.sealed === "object" ? entry.sealed["reason"] : undefined;
  print(`  verdict ${leaf.verdict}${leaf.rule === undefined ? "" : ` by ${leaf.rule}`}`);
  if (typeof reason === "string") print(`  reason  ${show(reason, 300)}`);
  if (typeof entry.sealed === "object") for (const line of tellContent(entry.sealed["content"], workspace)) print(line);
}
