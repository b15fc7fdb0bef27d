// Landing a staged session's work, on the record: decided entry first, an undo point on either side, and a landing that
// was cut short taken to its end by whoever comes next. What enters: a copy and what a person accepted of what was shown.

import { Fault } from "../domain/fault.ts";
import type { Principal, Session } from "../domain/session.ts";
import { type Book, openBook } from "../ledger/book.ts";
import { findControlFiles } from "../review/control-files.ts";
import type { ReviewFault } from "../review/git.ts";
import type { Journal } from "../review/landing/journal.ts";
import { isCutShort, type Landed, land, resumeLanding, withLanding } from "../review/landing/land.ts";
import { type Acceptance, makeReady, type Ready } from "../review/landing/ready.ts";
import { openObjectStore } from "../review/object-store.ts";
import { loadSessionRecords, type SessionRecord, saveSessionRecord } from "../review/session-record.ts";
import { listCopies, type StagedCopy } from "../review/staged/record.ts";
import { capture, type UndoPoint } from "../review/undo-point.ts";
import { digestBuild } from "./build.ts";
import { newSessionId, type Prepared } from "./prepare.ts";
import type { State } from "./state.ts";

export interface Lander {
  readonly state: State;
  readonly person: Principal;
}

export type LandOutcome = Exclude<Ready, { kind: "ready" }> | Landed;

/** Throws a Fault. */
export async function landCopy(lander: Lander, copy: StagedCopy, acceptance: Acceptance): Promise<LandOutcome> {
  const { state } = lander;
  return good(
    await withLanding(state.directory, copy.workspace, async () => {
      const ready = good(await makeReady(copy, acceptance));
      if (ready.kind !== "ready") return ready;
      await using book = await openBook({ state: state.directory, session: describe(lander, copy) });
      await enter(book, copy, { journal: ready.journal, step: "begun" });
      const before = await point(state, copy.workspace);
      const record = recordOf(state, copy, before);
      save(state, record);
      const landed = good(await land(copy, ready.journal));
      await enter(book, copy, { journal: landed.journal, step: landed.kind });
      save(state, { ...record, after: await point(state, copy.workspace, before) });
      return landed;
    }),
  );
}

export interface Resumed {
  readonly copy: StagedCopy;
  readonly landed: Landed;
}

/** Landings into this checkout that were cut short. Throws a Fault where one can be taken neither on nor back. */
export async function resumeLandings(lander: Lander, workspace: string): Promise<readonly Resumed[]> {
  const resumed: Resumed[] = [];
  const copies = listCopies(lander.state.directory).filter((each) => each.workspace === workspace && isCutShort(each));
  for (const copy of copies) {
    const landed = good(await withLanding(lander.state.directory, workspace, () => resumeLanding(copy)));
    if (landed === undefined) continue;
    await using book = await openBook({ state: lander.state.directory, session: describe(lander, copy) });
    await enter(book, copy, { journal: landed.journal, step: landed.kind });
    const records = loadSessionRecords(lander.state.directory, copy.session);
    for (const record of records.filter((each) => each.workspace === workspace && each.after === undefined))
      save(lander.state, { ...record, after: await point(lander.state, workspace, record.before) });
    resumed.push({ copy, landed });
  }
  return resumed;
}

/** Before a session begins where one was cut short. */
export async function finishLandings({ request, state, session, policy }: Prepared): Promise<void> {
  for (const root of policy.files.write)
    for (const resumed of await resumeLandings({ state, person: session.principal }, root))
      request.tell({ kind: "warning", ...sayResumed(resumed) });
}

export function sayResumed({ copy, landed }: Resumed): { readonly text: string; readonly hint: string } {
  const what = `the landing of session ${copy.session} was cut short`;
  const hint = "postern review shows what waits";
  if (landed.kind === "landed") return { text: `${what}; it is complete now`, hint };
  return { text: `${what}, and is taken back now: ${landed.why}`, hint };
}

interface Step {
  readonly journal: Journal;
  readonly step: "begun" | Landed["kind"];
}

async function enter(book: Book, copy: StagedCopy, { journal, step }: Step): Promise<void> {
  const { files, accepted, digest, repositories } = journal;
  const added = files.filter(({ before }) => before === undefined).length;
  const deleted = files.filter(({ after }) => after === undefined).length;
  await book.append({
    kind: "landing",
    verdict: step === "taken-back" ? "refuse" : "allow",
    rule: "review",
    counts: {
      items: accepted.length,
      "files-added": added,
      "files-deleted": deleted,
      "files-changed": files.length - added - deleted,
    },
    sealed: {
      of: copy.session,
      workspace: copy.workspace,
      step,
      shown: digest,
      accepted: accepted.slice(0, 1000),
      files: files
        .slice(0, 1000)
        .map(({ path, before, after }) => ({ path, before: before?.object, after: after?.object })),
      references: repositories
        .flatMap(({ references, head }) => [...references, ...(head === undefined ? [] : [head])])
        .slice(0, 200),
    },
  });
}

/** What Postern does outside a run is a session of its own. */
function describe({ person }: Lander, copy: StagedCopy): Session {
  const build = digestBuild();
  return {
    id: newSessionId(),
    principal: person,
    tool: { name: "postern", recognised: true, version: undefined, path: process.execPath, sha256: build },
    mode: "enforce",
    edits: "staged",
    grade: "full",
    headless: true,
    workspace: copy.workspace,
    policy: copy.policy,
    build,
  };
}

function recordOf(state: State, { session, workspace }: StagedCopy, before: UndoPoint): SessionRecord {
  const quarantine = `${state.quarantine}/${session}`;
  return { session, workspace, started: Date.now(), before, after: undefined, quarantine };
}

function save(state: State, record: SessionRecord): void {
  const fault = saveSessionRecord(state.directory, record);
  if (fault !== undefined) throw fault;
}

async function point(state: State, workspace: string, since?: UndoPoint): Promise<UndoPoint> {
  const store = good(openObjectStore(state.directory, workspace));
  const found = findControlFiles(workspace);
  return good(await capture(store, since === undefined ? { found } : { found, since }));
}

function good<Value>(value: Value | ReviewFault): Value {
  if (value instanceof Fault) throw value;
  return value;
}
