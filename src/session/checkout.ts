// What a session may write, guarded: each checkout's control files found and held, an undo point before, a sweep and a
// second point after. What enters: the roots the policy lets the tool write. What leaves: mounts, and what changed.

import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { Fault } from "../domain/fault.ts";
import type { Session } from "../domain/session.ts";
import { changesBetween } from "../review/changes.ts";
import { type Found, findControlFiles } from "../review/control-files.ts";
import { type Hold, holds } from "../review/holds.ts";
import { type ObjectStore, openObjectStore } from "../review/object-store.ts";
import { type SessionRecord, saveSessionRecord } from "../review/session-record.ts";
import { type Sweep, sweep } from "../review/sweep.ts";
import { capture, type UndoPoint } from "../review/undo-point.ts";
import { clearUnfinished, noteUnfinished } from "../review/unfinished.ts";
import { ownMark } from "./interrupted.ts";
import type { State } from "./state.ts";
import type { FileChange, HeldFile } from "./summary.ts";

interface Checkout {
  readonly root: string;
  readonly found: Found;
  readonly store: ObjectStore;
  readonly before: Promise<UndoPoint>;
  readonly record: Omit<SessionRecord, "before" | "after">;
}

export interface Checkouts {
  /** In mounting order, after the roots themselves. */
  readonly holds: readonly Hold[];
  /** Resolves when every undo point is taken. Rejects with a Fault. */
  readonly ready: Promise<unknown>;
  readonly session: Session;
  readonly state: State;
  readonly all: readonly Checkout[];
}

export interface Changes {
  readonly changed: readonly FileChange[];
  readonly held: readonly HeldFile[];
  /** What was put away at the end, and why. */
  readonly swept: readonly { readonly path: string; readonly pattern: string; readonly why: string }[];
  readonly undo: boolean;
  /** What a person should be told that fits nowhere else. */
  readonly warnings: readonly string[];
}

/** Throws a Fault where a checkout is too large to be guarded whole. */
export function openCheckouts(state: State, roots: readonly string[], session: Session): Checkouts {
  const directories = outermost(roots.filter((root) => existsSync(root) && statSync(root).isDirectory()));
  const all = directories.map((root) => openCheckout(state, root, session));
  const ready = Promise.all(all.map((checkout) => checkout.before));
  ready.catch(() => undefined); // awaited once the walls stand; until then no reason to crash
  return {
    holds: all.flatMap((checkout) => holds(checkout.found)),
    ready,
    session,
    state,
    all,
  };
}

function outermost(roots: readonly string[]): string[] {
  return roots.filter((root) => !roots.some((other) => root !== other && root.startsWith(`${other}/`)));
}

function openCheckout(state: State, root: string, session: Session): Checkout {
  const found = findControlFiles(root);
  if (found.truncated !== undefined)
    throw new Fault({
      code: "checkout",
      message: `not every control file of ${root} can be found: ${found.truncated}`,
      hint: "run in a smaller directory, such as one project of it",
    });
  const store = openObjectStore(state.directory, root);
  if (store instanceof Fault) throw store;
  const record = recordOf(state, root, session);
  return { root, found, store, before: takePoint(store, found), record };
}

/**
 * The last thing before the tool runs: what `undo` needs, and what a sweep needs should this process be killed. Only a
 * kill leaves the latter behind. Throws a Fault. What it gives may be disposed of twice.
 */
export async function beginCheckouts({ state, session, all }: Checkouts): Promise<Disposable> {
  using noted = new DisposableStack();
  for (const { root, found, record, before } of all) {
    save(state, { ...record, before: await before, after: undefined });
    noted.defer(() => clearUnfinished(state.directory, root, session.id));
    const fault = noteUnfinished(state.directory, { session: session.id, owner: ownMark(), found });
    if (fault !== undefined) throw fault;
  }
  return noted.move();
}

async function takePoint(
  store: ObjectStore,
  found: Pick<Found, "empty" | "repositories">,
  since?: UndoPoint,
): Promise<UndoPoint> {
  const point = await capture(store, since === undefined ? { found } : { found, since });
  if (point instanceof Fault) throw point;
  return point;
}

function recordOf(state: State, workspace: string, session: Session): Omit<SessionRecord, "before" | "after"> {
  return { session: session.id, workspace, started: Date.now(), quarantine: join(state.quarantine, session.id) };
}

function save(state: State, record: SessionRecord): void {
  const fault = saveSessionRecord(state.directory, record);
  if (fault !== undefined) throw fault;
}

/** After the tool's last process has ended: sweeps, takes the second point. */
export async function closeCheckouts(checkouts: Checkouts): Promise<Changes> {
  const closed = await Promise.all(checkouts.all.map((checkout) => closeCheckout(checkouts, checkout)));
  return {
    changed: closed.flatMap((one) => one.changed),
    held: closed.flatMap((one) => one.held),
    swept: closed.flatMap((one) => one.swept),
    undo: closed.every((one) => one.undo),
    warnings: closed.flatMap((one) => one.warnings),
  };
}

async function closeCheckout(checkouts: Checkouts, checkout: Checkout): Promise<Changes> {
  const { root, found, store, record } = checkout;
  const swept = await sweep(found, record.quarantine);
  const before = await checkout.before;
  const prefix = root === checkouts.session.workspace ? "" : `${root}/`;
  const warnings = warningsOf(swept);
  const ends = {
    held: heldOf(found, swept, { prefix, quarantine: record.quarantine }),
    swept: swept.quarantined.map(({ path, pattern, why }) => ({ path: prefix + path, pattern, why })),
  };
  try {
    const after = await takePoint(store, swept.found, before);
    save(checkouts.state, { ...record, before, after });
    const changes = await changesBetween(store, before, after);
    if (changes instanceof Fault) throw changes;
    const changed = changes.map(({ path, change }) => ({ path: prefix + path, change }));
    return { ...ends, changed, undo: true, warnings };
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return { ...ends, changed: [], undo: false, warnings: [...warnings, `changes cannot be listed: ${error.message}`] };
  }
}

function heldOf(found: Found, swept: Sweep, at: { prefix: string; quarantine: string }): HeldFile[] {
  const { prefix, quarantine } = at;
  return [
    ...found.held.map(({ path, pattern }) => ({ path: prefix + path, state: "held" as const, whose: pattern })),
    ...swept.quarantined.map(({ id, path, pattern }) => ({
      path: prefix + path,
      state: "quarantined" as const,
      whose: pattern,
      kept: join(quarantine, id, "content"),
    })),
  ];
}

function warningsOf(swept: Sweep): string[] {
  return [
    ...swept.failed.map((fault) => `a new control file could not be put away: ${fault.message}`),
    ...swept.odd.map(({ path, what }) => `new and odd: ${path} (${what})`),
    ...(swept.truncated === undefined ? [] : [`not everything was swept: ${swept.truncated}`]),
  ];
}
