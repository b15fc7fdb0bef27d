// `postern log`: the record as a table or as JSON, one entry a line; sealed content is opened for whoever holds the key.

import { setTimeout as pause } from "node:timers/promises";
import { parseSessionId } from "../../domain/brand.ts";
import { entryKinds } from "../../domain/entry.ts";
import { openRecord, type ReadableRecord, type RecordedEntry } from "../../ledger/record.ts";
import { describeState } from "../../session/state.ts";
import { stateDirectory } from "../../session/state-directory.ts";
import { readCaller } from "../caller.ts";
import { tellEntry } from "../entry-line.ts";
import { columnsOfOutput, isHeard, paint, print, warn } from "../speech.ts";
import { show, wrap } from "../table.ts";

export interface LogFlags {
  readonly session?: string;
  readonly kind?: string;
  readonly follow: boolean;
  readonly json: boolean;
}

export async function log(flags: LogFlags): Promise<number> {
  const wrong = objectTo(flags);
  if (wrong !== undefined) {
    warn(...wrong);
    return 2;
  }
  const caller = readCaller();
  using record = openRecord(describeState(stateDirectory(caller.environment, caller.home)).directory);
  if (flags.session !== undefined && !flags.follow && !isKnown(record, flags.session)) {
    warn(`the record has no entry of session ${flags.session}`, "postern log --kind session.start lists them");
    return 1;
  }
  if (!flags.json) print(paint.dim(heading));
  let next = printFrom(record, flags, 0);
  while (flags.follow && isHeard()) {
    await pause(200);
    if (record.changed()) next = printFrom(record, flags, next);
  }
  return 0;
}

function objectTo({ session, kind }: LogFlags): [string, string] | undefined {
  if (session !== undefined && parseSessionId(session) === undefined)
    return [
      `"${show(session, 40)}" is no session`,
      "a session is s- and eight characters: postern log --kind session.start lists them",
    ];
  if (kind !== undefined && !entryKinds.some((known) => known === kind))
    return [`there is no kind "${show(kind, 40)}"`, `one of ${entryKinds.join(", ")}`];
  return undefined;
}

function isKnown(record: ReadableRecord, session: string): boolean {
  for (const _ of record.entries({ session, to: record.size() })) return true;
  return false;
}

/** Prints what there is from `from` on; the index to go on from. */
function printFrom(record: ReadableRecord, { session, kind, json }: LogFlags, from: number): number {
  const end = record.size();
  for (const entry of record.entries({ session, kind, from, to: end })) {
    if (!isHeard()) break;
    print(json ? toJson(entry) : toLine(entry));
  }
  return end;
}

function toJson({ index, leaf, sealed, person, host }: RecordedEntry): string {
  return JSON.stringify({
    index,
    ...leaf,
    person: person ?? leaf.person,
    host: host ?? leaf.host,
    commitments: leaf.sealed,
    sealed: sealed ?? null,
  });
}

const heading = `${"entry".padStart(6)}  ${"time".padEnd(19)}  ${"session".padEnd(10)}  ${"kind".padEnd(13)}  ${"verdict".padEnd(7)}  what`;

function toLine(entry: RecordedEntry): string {
  const { leaf, index } = entry;
  const time = leaf.time.slice(0, 19).replace("T", " ");
  const verdict = (leaf.verdict ?? "").padEnd(7);
  const shown = verdict.replace("refuse", paint.red("refuse"));
  const start = `${String(index).padStart(6)}  ${time}  ${leaf.session}  ${leaf.kind.padEnd(13)}  ${shown}`;
  const what = tellEntry(entry);
  const columns = columnsOfOutput();
  if (heading.length - "what".length + [...what].length <= columns) return `${start}  ${what}`.trimEnd();
  // a terminal too narrow for it: below, whole, rather than broken anywhere
  return [start.trimEnd(), ...wrap(what, columns - 8).map((line) => `        ${line}`)].join("\n");
}
