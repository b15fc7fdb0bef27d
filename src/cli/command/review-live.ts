// `postern review` of a session that worked in the checkout itself: what it changed, by file and hunk, from its undo
// points. Nothing of it waits; a file or hunk is taken back with `postern undo`.

import type { SessionId } from "../../domain/brand.ts";
import { Fault } from "../../domain/fault.ts";
import { type Change, changesBetween } from "../../review/changes.ts";
import { differencesOf } from "../../review/landing/differences.ts";
import type { Difference } from "../../review/landing/hunks.ts";
import { openObjectStore, placeOf } from "../../review/object-store.ts";
import { latestFor, loadSessionRecords, type SessionRecord } from "../../review/session-record.ts";
import type { Around } from "../around.ts";
import { page } from "../pager.ts";
import { hunkObjects } from "../review-json.ts";
import { tellHunk } from "../review-text.ts";
import { paint, print, warn } from "../speech.ts";
import { show, showWhole } from "../table.ts";

export async function reviewLive(
  { state, workspace }: Around,
  session: SessionId | undefined,
  { json }: { readonly json: boolean },
): Promise<number> {
  const latest = session === undefined ? latestFor(state.directory, workspace) : undefined;
  const records =
    session === undefined
      ? [latest].filter((each) => each !== undefined)
      : loadSessionRecords(state.directory, session);
  if (records.length === 0) {
    warn(
      session === undefined ? "no session ran in this checkout" : `no session ${session} is known here`,
      "postern log --kind session.start lists them",
    );
    return 1;
  }
  for (const record of records) {
    const changed = await changesOf(state.directory, record);
    if (json) for (const each of changed) print(JSON.stringify(changeObject(record, each)));
    else await page(tell(record, changed), record.workspace);
  }
  return 0;
}

type Changed = readonly [change: Change, difference: Difference | undefined];

async function changesOf(
  state: string,
  { workspace, before, after, session }: SessionRecord,
): Promise<readonly Changed[]> {
  if (after === undefined)
    throw new Fault({
      code: "record",
      message: `session ${session} has no end yet`,
      hint: "end it first, or: postern undo",
    });
  const store = openObjectStore(state, workspace);
  if (store instanceof Fault) throw store;
  const changes = await changesBetween(store, before, after);
  if (changes instanceof Fault) throw changes;
  const pairs = changes.map((change) => ({ before: change.before?.object, after: change.after?.object }));
  const differences = await differencesOf(placeOf(store), pairs);
  if (differences instanceof Fault) throw differences;
  return changes.map((change, at) => [change, differences[at]] as const);
}

function tell({ session, workspace }: SessionRecord, changed: readonly Changed[]): string[] {
  const stream = process.stdout;
  return [
    `${paint.bold(`session ${session}`, stream)} in ${show(workspace, 1000)}, in the checkout itself`,
    ...changed.flatMap(([{ path, change }, difference]) => [
      "",
      `${paint.bold(showWhole(path), stream)}  ${change}`,
      ...(difference?.kind === "binary" ? ["  not text"] : []),
      ...(difference?.kind === "hunks" ? difference.hunks.flatMap((hunk, at) => tellHunk(hunk, at, stream)) : []),
    ]),
    "",
    changed.length === 0
      ? "it changed nothing"
      : `take it back:  postern undo ${session}, or postern undo PATH, or PATH#1,3-4`,
  ];
}

function changeObject({ session }: SessionRecord, [{ path, change, before, after }, difference]: Changed): object {
  const hunks = difference?.kind === "hunks" ? difference.hunks : [];
  return {
    kind: "file",
    session,
    id: path,
    change,
    before: before ?? null,
    after: after ?? null,
    binary: difference?.kind === "binary",
    ...hunkObjects(hunks),
  };
}
