// Sessions that were killed before they could end: no sweep, no second undo point. Both are made up for, by the next
// session in the same checkout or by `postern undo`. What enters: what they noted when they began. Refuses nothing; a
// session that may still be running is left alone.

import { existsSync, readFileSync, readlinkSync } from "node:fs";
import { lifeOf } from "../boundary/linux/life.ts";
import type { SessionId } from "../domain/brand.ts";
import { Fault } from "../domain/fault.ts";
import { openObjectStore } from "../review/object-store.ts";
import type { Quarantined } from "../review/quarantine.ts";
import { loadSessionRecord, type SessionRecord, saveSessionRecord } from "../review/session-record.ts";
import { sweep } from "../review/sweep.ts";
import { capture } from "../review/undo-point.ts";
import { clearUnfinished, listUnfinished, type Unfinished } from "../review/unfinished.ts";
import type { Prepared } from "./prepare.ts";

export interface Interrupted {
  readonly session: SessionId;
  readonly root: string;
  readonly quarantined: readonly Quarantined[];
  /** What could not be put away. */
  readonly failed: readonly Fault[];
}

/** Whose session it is: told from a later process of the same number, and from one of another machine or container. */
export function ownMark(): string {
  return `${here()} ${process.pid} ${lifeOf(process.pid)?.began ?? "unknown"}`;
}

function here(): string {
  const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
  return `${boot} ${readlinkSync("/proc/self/ns/pid")}`;
}

/** False only where it cannot run any more; of another container's process nothing is known. */
export function mayRun(owner: string): boolean {
  const [boot = "", namespace, pid, began] = owner.split(" ");
  const [ownBoot, ownNamespace] = here().split(" ");
  if (boot !== ownBoot) return false;
  return namespace !== ownNamespace || lifeOf(Number(pid))?.began === began;
}

/** Throws a Fault where the undo store cannot be written. */
export async function finishInterrupted({ request, state, policy }: Prepared): Promise<readonly Interrupted[]> {
  const finished: Interrupted[] = [];
  for (const root of policy.files.write.filter((path) => existsSync(path)))
    for (const unfinished of listUnfinished(state.directory, root))
      if (!mayRun(unfinished.owner)) finished.push(await finish(state.directory, unfinished));
  for (const { session, quarantined, failed } of finished) {
    const moved = quarantined.length === 0 ? "" : `; ${quarantined.length} new control files are in quarantine now`;
    const text = `session ${session} was killed here before its end${moved}`;
    request.tell({ kind: "warning", text, hint: `postern undo ${session} takes back what changed since it began` });
    for (const fault of failed) request.tell({ kind: "warning", text: fault.message, hint: fault.hint ?? "" });
  }
  return finished;
}

async function finish(state: string, { session, found }: Unfinished): Promise<Interrupted> {
  const record = loadSessionRecord(state, session);
  const root = found.workspace;
  if (record === undefined || record.after !== undefined) {
    clearUnfinished(state, root, session);
    return { session, root, quarantined: [], failed: [] };
  }
  const swept = await sweep(found, record.quarantine);
  await secondPoint(state, record, swept.found);
  clearUnfinished(state, root, session);
  return { session, root, quarantined: swept.quarantined, failed: swept.failed };
}

/** The second point, now: what others changed since the kill is in it too. */
async function secondPoint(
  state: string,
  record: SessionRecord,
  found: { readonly empty: readonly string[]; readonly repositories: readonly string[] },
): Promise<SessionRecord> {
  const store = openObjectStore(state, record.workspace);
  if (store instanceof Fault) throw store;
  const after = await capture(store, { found, since: record.before });
  if (after instanceof Fault) throw after;
  const whole: SessionRecord = { ...record, after, interrupted: true };
  const fault = saveSessionRecord(state, whole);
  if (fault !== undefined) throw fault;
  return whole;
}

/** For `undo`: the record with its second point, made up for where it is missing; undefined while the session may run. */
export async function finishRecord(state: string, record: SessionRecord): Promise<SessionRecord | undefined> {
  if (record.after !== undefined) return record;
  const noted = listUnfinished(state, record.workspace).find(({ session }) => session === record.session);
  if (noted === undefined) return secondPoint(state, record, { empty: record.before.empty, repositories: [] });
  if (mayRun(noted.owner)) return undefined;
  await finish(state, noted);
  return loadSessionRecord(state, record.session);
}
