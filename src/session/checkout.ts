// What a session may write, guarded: each checkout's control files found and held, an undo point before, a sweep and a
// second point after. What enters: the roots the policy lets the tool write. What leaves: mounts, and what changed.

import { existsSync, realpathSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Detour, Mount, Walls } from "../boundary/contract.ts";
import type { Append } from "../domain/entry.ts";
import { Fault } from "../domain/fault.ts";
import type { Session } from "../domain/session.ts";
import { changesBetween } from "../review/changes.ts";
import type { Personal } from "../review/collected.ts";
import type { Found } from "../review/control-files.ts";
import type { ReviewFault } from "../review/git.ts";
import { holds } from "../review/holds.ts";
import { Lookout } from "../review/lookout.ts";
import { type ObjectStore, openObjectStore } from "../review/object-store.ts";
import type { Quarantined } from "../review/quarantine.ts";
import { type SessionRecord, saveSessionRecord } from "../review/session-record.ts";
import { type Sweep, sweep } from "../review/sweep.ts";
import { capture, type UndoPoint } from "../review/undo-point.ts";
import { clearUnfinished, noteUnfinished } from "../review/unfinished.ts";
import type { HeldTree } from "./attempts.ts";
import { type Changes, joinChanges } from "./changed.ts";
import { findEvery, namedOf } from "./every.ts";
import { ownMark } from "./interrupted.ts";
import { type Late, openLate } from "./late.ts";
import { enterSwept } from "./milestones.ts";
import { type Left, type OwnSettings, openOwnSettings, ownSettingsOf } from "./own-settings.ts";
import type { Prepared } from "./prepare.ts";
import { identityOf } from "./standing.ts";
import { byDepth, type State } from "./state.ts";
import type { HeldFile, StagedTree } from "./summary.ts";
import { isCovered, type View } from "./view.ts";

interface Checkout {
  readonly root: string;
  readonly identity: string | undefined;
  /** Replaced once, by `begin`, where nothing of it is held. */
  found: Found;
  readonly own: OwnSettings;
  readonly store: ObjectStore;
  readonly before: Promise<UndoPoint>;
  readonly record: Omit<SessionRecord, "before" | "after">;
}

/** What a session may write, however it does: the checkouts themselves, or copies of them, which go where it never began. */
export interface Checkouts extends Disposable {
  /** In mounting order: the trees, then what is held in them. */
  readonly mounts: readonly Mount[];
  /** Files in them that are written elsewhere. */
  readonly detours: readonly Detour[];
  /** Trees of the person's among them: the host's sockets may lie there. */
  readonly open: readonly string[];
  readonly held: readonly { readonly path: string; readonly pattern: string }[];
  /** Trees in which control files are held: attempts at them are told. */
  readonly trees: readonly HeldTree[];
  readonly copies: readonly StagedTree[];
  /** What of them is hidden or masked. */
  readonly view: View;
  /** For inside. */
  readonly environment: Readonly<Record<string, string>>;
  /** Resolves when everything that undo or review need is taken. Rejects with a Fault. */
  readonly ready: Promise<unknown>;
  /**
   * The last thing before the tool runs: what a later process needs, should this one be killed. `unheld`: the walls hold nothing of
   * what was to be held. Throws a Fault.
   */
  readonly begin: (
    append: Append,
    walls: { readonly cover: Walls["cover"]; readonly unheld: boolean },
  ) => Promise<Disposable>;
  /** After the tool's last process has ended. */
  readonly close: () => Promise<Changes>;
}

/** The checkouts themselves. Throws a Fault where one is too large to be guarded whole. */
export function openLive({ state, session, policy, request }: Prepared, view: View): Checkouts {
  const roots = policy.files.write.filter((path) => existsSync(path));
  const named = namedOf(request, roots);
  const all = directoriesAmong(roots).map((root, number) =>
    openCheckout(state, { root, number, session, personal: named.get(root), view }),
  );
  const ready = Promise.all(all.map((checkout) => checkout.before));
  ready.catch(() => undefined); // awaited once the walls stand; until then no reason to crash
  const guarded: Guarded = { state, session, view, all, lookouts: [] };
  return {
    mounts: [
      ...byDepth(roots).map((path) => ({ kind: "write" as const, path, from: path, exact: isReal(path) })),
      ...all.flatMap(({ found, own }) => [...holds(found, detouredIn(own)), ...own.mounts]),
    ],
    detours: all.flatMap(({ own }) => own.detours),
    open: [session.workspace, ...roots],
    held: all.flatMap(({ found }) => found.held),
    trees: all,
    copies: [],
    view,
    environment: Object.assign({}, ...all.map(({ own }) => own.environment)),
    ready,
    [Symbol.dispose]: () => rmSync(ownSettingsOf(state.directory, session.id), { recursive: true, force: true }),
    begin: (append, { cover, unheld }) => {
      const lateIn = (root: string): Late => openLate({ root, view, files: policy.files, append, cover });
      return begin(guarded, append, { lateIn, unheld });
    },
    close: () => close(guarded),
  };
}

/** No link on the way to it, as the policy's word for it may have: then one that comes is another session's. */
const isReal = (path: string): boolean => realpathSync(path) === path;

/** Those that are directories, without those within others. */
export function directoriesAmong(roots: readonly string[]): string[] {
  const directories = roots.filter((root) => statSync(root).isDirectory());
  return directories.filter((root) => !directories.some((other) => root !== other && root.startsWith(`${other}/`)));
}

const detouredIn = ({ detours }: OwnSettings): ReadonlySet<string> => new Set(detours.map(({ at }) => at));

interface Place {
  readonly root: string;
  readonly number: number;
  readonly session: Session;
  readonly personal: Personal | undefined;
  readonly view: View;
}

function openCheckout(state: State, { root, number, session, personal, view }: Place): Checkout {
  const found = findEvery(root, { ours: state.directory, personal });
  const store = openObjectStore(state.directory, root);
  if (store instanceof Fault) throw store;
  const record = recordOf(state, root, session);
  const directory = join(ownSettingsOf(state.directory, session.id), String(number));
  const concealed = [...view.hidden, ...view.masked].map(({ path }) => path);
  const own = openOwnSettings(found, { directory, number, concealed });
  return { root, identity: identityOf(root), found, own, store, before: takePoint(store, found), record };
}

interface Guarded {
  readonly state: State;
  readonly session: Session;
  readonly view: View;
  readonly all: readonly Checkout[];
  /** One a checkout, from when the tool runs. */
  readonly lookouts: Post[];
}

interface Post {
  readonly root: string;
  readonly lookout: Lookout;
  readonly taken: Quarantined[];
  readonly failed: ReviewFault[];
  readonly late: Late;
}

/** What `undo` needs, and what a sweep needs. Only a kill leaves the latter behind. */
async function begin(
  { state, session, all, lookouts }: Guarded,
  append: Append,
  { lateIn, unheld }: { readonly lateIn: (root: string) => Late; readonly unheld: boolean },
): Promise<Disposable> {
  using noted = new DisposableStack();
  if (unheld) for (const checkout of all) checkout.found = { ...checkout.found, unheld };
  for (const { root, found, record, before } of all) {
    save(state, { ...record, before: await before, after: undefined });
    noted.defer(() => clearUnfinished(state.directory, root, session.id));
    const fault = noteUnfinished(state.directory, { session: session.id, owner: ownMark(), found });
    if (fault !== undefined) throw fault;
  }
  for (const checkout of all) lookouts.push(post(checkout, append, lateIn(checkout.root)));
  return noted.move();
}

/** What it puts away is on the record at once; a record that cannot be written ends the session by itself. */
function post({ root, found, record }: Checkout, append: Append, late: Late): Post {
  const [taken, failed]: [Quarantined[], ReviewFault[]] = [[], []];
  const quarantined = (item: Quarantined) => {
    taken.push(item);
    enterSwept(append, item).catch(() => undefined);
  };
  const lookout = new Lookout(found, record.quarantine, {
    quarantined,
    failed: (fault) => failed.push(fault),
    came: late.came,
    unwatched: late.unwatched,
    missed: late.missed,
  });
  return { root, lookout, taken, failed, late };
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

/** Sweeps, takes the second point. */
async function close(guarded: Guarded): Promise<Changes> {
  return joinChanges(await Promise.all(guarded.all.map((checkout) => closeCheckout(guarded, checkout))));
}

async function closeCheckout(checkouts: Guarded, checkout: Checkout): Promise<Changes> {
  const { root, found, store, record } = checkout;
  const posted = checkouts.lookouts.find((each) => each.root === root);
  await posted?.lookout[Symbol.asyncDispose]();
  if (checkout.identity === undefined || identityOf(root) !== checkout.identity) return ledAway(root);
  const left = await checkout.own.settle(found.unheld === true);
  const swept = await sweep(found, record.quarantine);
  const before = await checkout.before;
  const prefix = root === checkouts.session.workspace ? "" : `${root}/`;
  const warnings = [
    ...warningsOf({ ...swept, failed: [...(posted?.failed ?? []), ...swept.failed] }),
    ...left.map(sayLeft),
    ...(posted?.late.finish() ?? []),
  ];
  const away = [...(posted?.taken ?? []), ...swept.quarantined];
  const ends = {
    held: heldOf(found, away, { prefix, quarantine: record.quarantine }),
    swept: [
      ...left.map(({ path, pattern, keys }) => ({ path, pattern, why: `not taken over: ${keys.join(", ")}` })),
      ...swept.quarantined,
    ].map(({ path, pattern, why }) => ({ path: prefix + path, pattern, why })),
    planted: [],
    veiled: [],
    staged: [],
  };
  try {
    const after = await takePoint(store, swept.found, before);
    save(checkouts.state, { ...record, before, after });
    const changes = await changesBetween(store, before, after);
    if (changes instanceof Fault) throw changes;
    const veiled = changes.map(({ path }) => path).filter((path) => isCovered(checkouts.view, `${root}/${path}`));
    if (veiled.length > 0) save(checkouts.state, { ...record, before, after, veiled });
    const changed = changes.map(({ path, change }) => ({ path: prefix + path, change }));
    return { ...ends, changed, undo: true, warnings };
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return { ...ends, changed: [], undo: false, warnings: [...warnings, `changes cannot be listed: ${error.message}`] };
  }
}

/** Of another directory nothing is listed, put away or taken: it is not what the tool worked in. */
function ledAway(root: string): Changes {
  const why = `${root} is another directory now than when the session began: nothing there was looked at`;
  const none = { changed: [], held: [], swept: [], planted: [], veiled: [], staged: [] };
  return { ...none, undo: false, warnings: [why] };
}

function heldOf(found: Found, away: readonly Quarantined[], at: { prefix: string; quarantine: string }): HeldFile[] {
  const { prefix, quarantine } = at;
  return [
    ...(found.unheld === true ? [] : found.held).map(({ path, pattern }) => ({
      path: prefix + path,
      state: "held" as const,
      whose: pattern,
    })),
    ...away.map(({ id, path, pattern }) => ({
      path: (prefix + path).toWellFormed(),
      state: "quarantined" as const,
      whose: pattern,
      kept: join(quarantine, id, "content"),
    })),
  ];
}

const sayLeft = ({ path, keys }: Left): string =>
  `${path}: set inside and not outside: ${keys.slice(0, 8).join(", ")}${keys.length > 8 ? ", …" : ""}`;

function warningsOf(swept: Sweep): string[] {
  return [
    ...swept.failed.map((fault) => `a new control file could not be put away: ${fault.message}`),
    ...swept.odd.map(({ path, what }) => `new and odd: ${path} (${what})`),
    ...(swept.truncated === undefined ? [] : [`not everything was swept: ${swept.truncated}`]),
  ];
}
