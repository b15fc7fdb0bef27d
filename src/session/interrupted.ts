// Sessions that were killed before they could end: no sweep, no second undo point. Both are made up for, by the next
// session in the same checkout or by `postern undo`. What enters: what they noted when they began. Refuses nothing; a
// session that may still be running is left alone.

import { existsSync, readFileSync, readlinkSync, rmSync } from "node:fs";
import { type Life, lifeOf, mayLive } from "../boundary/linux/life.ts";
import type { SessionId } from "../domain/brand.ts";
import { Fault } from "../domain/fault.ts";
import { type Found, findControlFiles } from "../review/control-files.ts";
import { openObjectStore } from "../review/object-store.ts";
import { listQuarantine, type Quarantined } from "../review/quarantine.ts";
import { loadSessionRecords, type SessionRecord, saveSessionRecord } from "../review/session-record.ts";
import { sweep } from "../review/sweep.ts";
import { capture } from "../review/undo-point.ts";
import { clearUnfinished, listUnfinished, type Unfinished } from "../review/unfinished.ts";
import { ownSettingsOf, putBackSettings } from "./own-settings.ts";
import type { Prepared } from "./prepare.ts";

export interface Interrupted {
  readonly session: SessionId;
  /** Everything of it that is put away: while it ran, and now. */
  readonly quarantined: readonly Quarantined[];
  /** Put away only now, and not on the record yet. */
  readonly fresh: readonly Quarantined[];
  /** What could not be put away. */
  readonly failed: readonly Fault[];
}

/** Whose session it is: told from a later process of the same number, and from one of another machine or container. */
export function ownMark(): string {
  return `${here()} ${process.pid} ${lifeOf(process.pid)?.began ?? "unknown"}`;
}

/** This start of the machine, and this container of it. */
export function here(): string {
  const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
  return `${boot} ${readlinkSync("/proc/self/ns/pid")}`;
}

/** False only where it cannot run any more; of another container's process nothing is known. */
export function mayRun(owner: string): boolean {
  const { place, pid, began } = splitMark(owner);
  if (place.split(" ")[0] !== here().split(" ")[0]) return false;
  return place !== here() || mayLive({ pid, began });
}

export function splitMark(owner: string): Life & { readonly place: string } {
  const [boot = "", namespace = "", pid, began = ""] = owner.split(" ");
  return { place: `${boot} ${namespace}`, pid: Number(pid), began };
}

/** Throws a Fault where the undo store cannot be written. */
export async function finishInterrupted({ request, state, policy }: Prepared): Promise<readonly Interrupted[]> {
  const roots = policy.files.write.filter((path) => existsSync(path));
  const dead = roots.flatMap((root) => listUnfinished(state.directory, root)).filter(({ owner }) => !mayRun(owner));
  const finished: Interrupted[] = [];
  for (const unfinished of dead) finished.push(...(await finish(state.directory, unfinished)));
  for (const { session, quarantined, failed } of finished) {
    const text = `session ${session} was killed here before its end${sayQuarantined(quarantined)}`;
    request.tell({ kind: "warning", text, hint: `postern undo ${session} takes back what changed since it began` });
    for (const fault of failed) request.tell({ kind: "warning", text: fault.message });
  }
  return finished;
}

function sayQuarantined({ length }: readonly unknown[]): string {
  if (length === 0) return "";
  return length === 1
    ? "; a new control file is in quarantine now"
    : `; ${length} new control files are in quarantine now`;
}

/** Nothing where only the note that it began was left. */
async function finish(state: string, { session, found }: Unfinished): Promise<readonly Interrupted[]> {
  const root = found.workspace;
  const records = loadSessionRecords(state, session).filter(({ workspace }) => workspace === root);
  const finished: Interrupted[] = [];
  for (const record of records.filter(({ after }) => after === undefined)) {
    if (found.unheld === true) putBackSettings(found);
    const { quarantined: fresh, failed, found: walked } = await sweep(found, record.quarantine);
    await takeSecondPoint(state, record, walked);
    const quarantined = listQuarantine(record.quarantine).filter((item) => item.workspace === root);
    finished.push({ session, quarantined, fresh, failed });
  }
  clearUnfinished(state, root, session);
  rmSync(ownSettingsOf(state, session), { recursive: true, force: true }); // what it set inside goes with it
  return finished;
}

/** The second point, now: what others changed since the kill is in it too. */
async function takeSecondPoint(state: string, record: SessionRecord, found: Walked): Promise<void> {
  const store = openObjectStore(state, record.workspace);
  if (store instanceof Fault) throw store;
  const after = await capture(store, { found, since: record.before });
  if (after instanceof Fault) throw after;
  const fault = saveSessionRecord(state, { ...record, after, interrupted: true });
  if (fault !== undefined) throw fault;
}

type Walked = Pick<Found, "empty" | "repositories">;

/** For `undo`: makes up for sweep and second point where they are missing; what was put away. Undefined: it may still run. */
export async function finishRecord(state: string, record: SessionRecord): Promise<readonly Quarantined[] | undefined> {
  if (record.after !== undefined) return [];
  const { session, workspace } = record;
  const noted = listUnfinished(state, workspace).find((each) => each.session === session);
  if (noted !== undefined)
    return mayRun(noted.owner) ? undefined : (await finish(state, noted)).flatMap(({ quarantined }) => quarantined);
  await takeSecondPoint(state, record, findControlFiles(workspace));
  return [];
}
