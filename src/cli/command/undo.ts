// `postern undo [SESSION|PATH]`: puts back what a session changed in this checkout, file by file, and says what it did.

import { existsSync } from "node:fs";
import { relative, resolve } from "node:path";
import { parseSessionId, type SessionId } from "../../domain/brand.ts";
import { Fault } from "../../domain/fault.ts";
import { parseNumbers } from "../../review/landing/selection.ts";
import { type ObjectStore, openObjectStore } from "../../review/object-store.ts";
import { latestFor, loadSessionRecords, type SessionRecord } from "../../review/session-record.ts";
import { listCopies } from "../../review/staged/record.ts";
import { type Undone, undo as undoChanges } from "../../review/undo.ts";
import { undoHunks } from "../../review/undo-hunks.ts";
import { finishRecord } from "../../session/interrupted.ts";
import { lookAround } from "../around.ts";
import { resume } from "../resume.ts";
import { print, warn } from "../speech.ts";
import { show } from "../table.ts";

export interface UndoFlags {
  readonly json: boolean;
  readonly rest: boolean;
}

export async function undo(what: string | undefined, flags: UndoFlags): Promise<number> {
  const around = lookAround({});
  const { state, workspace } = around;
  const session = what === undefined ? undefined : parseSessionId(what);
  const load = () => {
    const latest = session === undefined ? latestFor(state.directory, workspace) : undefined;
    return session === undefined
      ? [latest].filter((each) => each !== undefined)
      : loadSessionRecords(state.directory, session);
  };
  await resume(around, [workspace, ...load().map((record) => record.workspace)]);
  return undoRecords(state.directory, load(), { what, named: session, flags });
}

/** Takes a whole session back; true where everything was. */
export async function undoSession(state: string, session: SessionId): Promise<boolean> {
  const wanted = { what: session, named: session, flags: { json: false, rest: false } };
  return (await undoRecords(state, loadSessionRecords(state, session), wanted)) === 0;
}

interface Wanted {
  readonly what: string | undefined;
  /** Where `what` is a session. */
  readonly named: SessionId | undefined;
  readonly flags: UndoFlags;
}

async function undoRecords(state: string, records: readonly SessionRecord[], wanted: Wanted): Promise<number> {
  if (records.length === 0) {
    const { named } = wanted;
    if (listCopies(state).some(({ session }) => session === named)) {
      warn(
        `nothing of session ${named} has landed: the checkout is as it was`,
        `postern review ${named} --discard throws its copy away`,
      );
      return 1;
    }
    warn(
      named === undefined ? "no session ran in this checkout" : `no session ${named} is known here`,
      "postern log --kind session.start lists them",
    );
    return 1;
  }
  const codes: number[] = [];
  // a session may have landed in parts: the last one first
  for (const record of records.toReversed()) {
    const quarantined = await finishRecord(state, record);
    if (quarantined === undefined) warn(`session ${record.session} may still be running`, "end it first");
    for (const { path } of quarantined ?? []) warn(`${show(path)}, a new control file, is in quarantine now`);
    codes.push(quarantined === undefined ? 1 : await undoRecord(state, reload(state, record), wanted));
  }
  return Math.max(...codes);
}

function reload(state: string, { session, workspace, started }: SessionRecord): SessionRecord | undefined {
  return loadSessionRecords(state, session).find(
    (record) => record.workspace === workspace && record.started === started,
  );
}

async function undoRecord(state: string, record: SessionRecord | undefined, wanted: Wanted): Promise<number> {
  const { what, named, flags } = wanted;
  if (record === undefined || !isEnded(record)) throw new Error("a session record was lost while it was used");
  if (record.interrupted === true && what === undefined) {
    warn(
      `session ${record.session} was killed: what it changed cannot be told from what others changed until that was noticed`,
      `postern undo ${record.session} takes all of it back, postern undo PATH one file`,
    );
    return 1;
  }
  const store = openObjectStore(state, record.workspace);
  if (store instanceof Fault) throw store;
  const part = what === undefined || named !== undefined || existsSync(what) ? undefined : partOf(what);
  if (part !== undefined) return undoPart(store, record, { ...part, flags });
  const paths = what === undefined || named !== undefined ? {} : { paths: [relative(record.workspace, resolve(what))] };
  const { before, after, veiled = [] } = record;
  const done = await undoChanges(store, { before, after, veiled, rest: flags.rest, ...paths });
  if (done instanceof Fault) throw done;
  if (flags.json) print(JSON.stringify({ session: record.session, ...done }));
  else tell(done);
  return done.done && done.failed.length === 0 ? 0 : 1;
}

function tell(done: Undone): void {
  for (const path of done.restored) print(`restored  ${show(path)}`);
  for (const path of done.removed) print(`removed   ${show(path)}`);
  for (const name of done.moved) print(`put back  ${show(name)}`);
  for (const { path, why } of done.failed) warn(`${show(path)} could not be put back: ${show(why)}`);
  for (const path of done.conflicts) warn(`${show(path)} changed after the session ended and is left as it is`);
  for (const text of done.lost) warn(`not restored: ${show(text)}`);
  if (!done.done) warn("nothing was touched", "postern undo --rest takes back everything else");
  else if (done.restored.length + done.removed.length + done.moved.length + done.failed.length === 0)
    print("nothing to take back");
}

interface Part {
  readonly path: string;
  readonly numbers: readonly number[];
}

/** `PATH#1,3-4`. */
function partOf(what: string): Part | undefined {
  const [, path, text] = /^(.+)#([\d,-]+)$/.exec(what) ?? [];
  const numbers = text === undefined ? undefined : parseNumbers(text);
  return path === undefined || numbers === undefined ? undefined : { path, numbers };
}

async function undoPart(
  store: ObjectStore,
  record: Ended,
  part: Part & { readonly flags: UndoFlags },
): Promise<number> {
  const path = relative(record.workspace, resolve(part.path));
  const done = await undoHunks(store, { before: record.before, after: record.after, path, numbers: part.numbers });
  if (done instanceof Fault) throw done;
  if (part.flags.json) print(JSON.stringify({ session: record.session, path, hunks: part.numbers, ...done }));
  else if (done.kind === "refused")
    warn(`${show(path)} is left as it is: ${done.why}`, "postern review numbers its hunks");
  else print(done.kind === "already" ? "nothing to take back" : `restored  ${show(path)}#${part.numbers.join(",")}`);
  return done.kind === "refused" ? 1 : 0;
}

type Ended = SessionRecord & { readonly after: NonNullable<SessionRecord["after"]> };

function isEnded(record: SessionRecord): record is Ended {
  return record.after !== undefined;
}
