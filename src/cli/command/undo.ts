// `postern undo [SESSION|PATH]`: puts back what a session changed in this checkout, file by file, and says what it did.

import { relative, resolve } from "node:path";
import { parseSessionId, type SessionId } from "../../domain/brand.ts";
import { Fault } from "../../domain/fault.ts";
import { openObjectStore } from "../../review/object-store.ts";
import { latestFor, loadSessionRecord, type SessionRecord } from "../../review/session-record.ts";
import { undo as undoChanges } from "../../review/undo.ts";
import { lookAround } from "../around.ts";
import { print, warn } from "../speech.ts";
import { show } from "../table.ts";

export interface UndoFlags {
  readonly json: boolean;
  readonly rest: boolean;
}

export async function undo(what: string | undefined, flags: UndoFlags): Promise<number> {
  const { state, workspace } = lookAround({});
  const session = what === undefined ? undefined : parseSessionId(what);
  const record =
    session === undefined ? latestFor(state.directory, workspace) : loadSessionRecord(state.directory, session);
  if (record === undefined) {
    warn(
      session === undefined ? "no session ran in this checkout" : `no session ${session} is known here`,
      "postern log --kind session.start lists them",
    );
    return 1;
  }
  return undoRecord(state.directory, record, { what: session === undefined ? what : undefined, flags });
}

/** Takes a whole session back; true where everything was. */
export async function undoSession(state: string, session: SessionId): Promise<boolean> {
  const record = loadSessionRecord(state, session);
  return (
    record !== undefined &&
    (await undoRecord(state, record, { what: undefined, flags: { json: false, rest: false } })) === 0
  );
}

interface Wanted {
  readonly what: string | undefined;
  readonly flags: UndoFlags;
}

async function undoRecord(state: string, record: SessionRecord, { what, flags }: Wanted): Promise<number> {
  if (record.after === undefined) {
    warn(
      `session ${record.session} has not ended, or was killed before its end could be noted`,
      "end it first; after a kill, run any session here once",
    );
    return 1;
  }
  const paths = what === undefined ? {} : { paths: [relative(record.workspace, resolve(what))] };
  const store = openObjectStore(state, record.workspace);
  if (store instanceof Fault) throw store;
  const done = await undoChanges(store, { before: record.before, after: record.after, rest: flags.rest, ...paths });
  if (done instanceof Fault) throw done;
  if (flags.json) print(JSON.stringify({ session: record.session, ...done }));
  else {
    for (const path of done.restored) print(`restored  ${show(path)}`);
    for (const path of done.removed) print(`removed   ${show(path)}`);
    for (const { path, why } of done.failed) warn(`${show(path)} could not be put back: ${why}`);
    for (const path of done.conflicts) warn(`${show(path)} changed after the session ended and is left as it is`);
    if (!done.done) warn("nothing was touched", "postern undo --rest takes back everything else");
    else if (done.restored.length + done.removed.length + done.failed.length === 0) print("nothing to take back");
  }
  return done.done && done.failed.length === 0 ? 0 : 1;
}
