// A proof: a session under the policy in force, in a scratch checkout in the person's own's place, in which a program of ours
// tries every wall; and a judgement, rule by rule, by what was seen outside. Enters: where the person stands, and the ground
// the walls will stand on. Leaves: the rows, entered in the record; or why there can be no session.

import { readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { Ground } from "../boundary/contract.ts";
import { Fault } from "../domain/fault.ts";
import { openRecord, type RecordedEntry } from "../ledger/record.ts";
import type { OuterRule, Policy } from "../policy/policy.ts";
import { readPolicy } from "../policy/read.ts";
import { relocate } from "../policy/relocate.ts";
import { renderFaults } from "../policy/render.ts";
import { veilOf } from "../policy/veil.ts";
import { committedIn } from "../review/veil/committed.ts";
import { findConcealed } from "../review/veil/find.ts";
import { policySources } from "../session/policy-places.ts";
import type { Prepared } from "../session/prepare.ts";
import type { Person, Refusal, RunRequest } from "../session/request.ts";
import { runSession } from "../session/run.ts";
import { openState } from "../session/state.ts";
import { stateDirectory } from "../session/state-directory.ts";
import type { Summary } from "../session/summary.ts";
import { findWorkspace } from "../session/workspace.ts";
import { type Ears, openEars } from "./ears.ts";
import { enterProof } from "./entering.ts";
import { living } from "./look.ts";
import type { Order } from "./order.ts";
import { orderFor } from "./plan.ts";
import type { Evidence, Row } from "./row.ts";
import { rowsOf } from "./rows.ts";
import { openScratch, type Scratch } from "./scratch.ts";
import { takeAway } from "./taking-away.ts";
import { type Inward, watchInside } from "./watching.ts";

export interface Asked {
  readonly directory: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly person: Person;
  /** `--policy F`, absolute. */
  readonly policy: string | undefined;
  /** Closed by whoever broke it. */
  readonly ground: Ground;
  /** A place of the policy's, in which that ground is. */
  readonly outer?: string | undefined;
  readonly now: Date;
  /** Handed what ends it early, closed. */
  readonly hold: (end: (reason: string) => void) => void;
  /** What goes on now, for whoever waits. */
  readonly tell: (step: string) => void;
}

export type ProofOutcome =
  | {
      readonly kind: "proved";
      readonly rows: readonly Row[];
      readonly policy: Policy;
      /** Of the session in which it was tried, and of the entry. */
      readonly session: Prepared["session"];
      readonly entry: number;
    }
  | Refusal;

/** Milliseconds, on a machine however busy. */
const patience = 120_000;

export async function prove(asked: Asked): Promise<ProofOutcome> {
  const checkout = findWorkspace(asked.directory, asked.person.home);
  const state = openState(stateDirectory(asked.environment, asked.person.home));
  const where = { workspace: checkout, state, profile: undefined };
  const sources = policySources({ ...asked, home: asked.person.home }, where);
  const read = await readPolicy({ ...sources, now: asked.now });
  if (!read.ok) return { kind: "refused", code: 125, text: renderFaults(read.faults).trimEnd() };
  const place = placeOf(asked, read.policy);
  const among = place?.door.host;
  using scratch = openScratch({
    home: asked.person.home,
    state: state.directory,
    checkout,
    policy: read.policy,
    among,
  });
  // every path of it begins with that of its base, which is random
  const seen = (text: string): string =>
    place === undefined ? text : text.replaceAll(scratch.base, join(place.door.inside, basename(scratch.base)));
  await using ears = await openEars(dirname(scratch.beside.path), scratch.mark);
  const policy = relocate(read.policy, checkout, scratch.work);
  const plain = orderFor({ policy, scratch, ears }, asked.person.home);
  // of another's home nothing would be seen from here
  const folders = plain.folders.filter((path) => place === undefined || path.startsWith(scratch.base));
  const order = { ...plain, folders, foreign: place !== undefined };
  asked.tell("building the boundary");
  const tried = await tryAll(asked, { checkout, scratch, ears, order, seen, node: place?.node ?? process.execPath });
  if (tried.kind === "refused") return tried;
  const { prepared, seen: evidence } = tried;
  asked.tell("judging what was seen");
  const committed = await committedHere(state.directory, checkout, read.policy);
  const rows = rowsOf({ ...evidence, policy, scratch, prepared, committed, home: asked.person.home });
  takeAway(state, prepared, scratch);
  const session = { ...prepared.session, grade: evidence.grade };
  const entry = await enterProof({ state, session, checkout, rows });
  return { kind: "proved", rows, policy: read.policy, session, entry };
}

/** Of the person's own checkout, which is only looked at. */
async function committedHere(state: string, checkout: string, { files }: Policy): Promise<number | string> {
  const concealed = findConcealed([checkout], veilOf(files));
  return concealed instanceof Fault ? concealed.message : (await committedIn(state, checkout, concealed)).length;
}

/** Undefined where nobody else built the walls, or no policy knows of them: which the session will say. */
function placeOf({ outer }: Asked, policy: Policy): OuterRule | undefined {
  const named = policy.outer ?? {};
  return outer !== undefined && Object.hasOwn(named, outer) ? named[outer] : undefined;
}

interface Stand {
  readonly checkout: string;
  /** A path of the scratch, or a text of such, as it is seen inside. */
  readonly seen: (text: string) => string;
  /** Inside. */
  readonly node: string;
  readonly scratch: Scratch;
  readonly ears: Ears;
  readonly order: Order;
}

type Seen = Omit<Evidence, "policy" | "scratch" | "prepared" | "home" | "committed">;
type TriedAll = { readonly kind: "tried"; readonly prepared: Prepared; readonly seen: Seen } | Refusal;

async function tryAll(asked: Asked, stand: Stand): Promise<TriedAll> {
  const { scratch, ears } = stand;
  const inward = watchInside(asked.ground, scratch, stand);
  const kept: { prepared?: Prepared; failure?: unknown } = {};
  try {
    const outcome = await runSession(requestFor(asked, { ...stand, inward, kept }));
    if (outcome.kind === "refused") return outcome;
    const report = inward.report();
    const { prepared } = kept;
    if (prepared === undefined) throw new Error("a session that ran was never prepared");
    if (report === undefined) {
      takeAway(prepared.state, prepared, scratch);
      return cameToNothing(outcome.summary, kept.failure);
    }
    return {
      kind: "tried",
      prepared,
      seen: see({ prepared, report, inward, scratch, ears, summary: outcome.summary }),
    };
  } catch (error) {
    if (kept.prepared !== undefined) takeAway(kept.prepared.state, kept.prepared, scratch);
    throw error;
  } finally {
    inward.end();
  }
}

interface Attempted extends Stand {
  readonly inward: Inward;
  /** Filled as it goes. */
  readonly kept: { prepared?: Prepared; failure?: unknown };
}

function requestFor(asked: Asked, { checkout, scratch, seen, node, order, inward, kept }: Attempted): RunRequest {
  return {
    command: [node, "--disable-warning=ExperimentalWarning", inward.program, inward.order, scratch.mark],
    directory: scratch.work,
    environment: asked.environment,
    person: asked.person,
    policy: asked.policy,
    mode: undefined,
    edits: undefined,
    headless: true,
    outer: asked.outer,
    ground: inward.ground,
    now: asked.now,
    tell: (notice) => {
      if (notice.kind === "failure") kept.failure ??= notice.error;
    },
    hold: (handle) => {
      asked.tell("trying every wall");
      asked.hold(handle.end);
      setTimeout(handle.end, patience, "the proof took too long").unref();
    },
    trial: {
      checkout,
      inside: order.foreign ? seen(scratch.work) : undefined,
      prepared: (prepared) => {
        kept.prepared = prepared;
      },
    },
  };
}

/** Without the program's word that all was tried nothing can be judged, so nothing is said to hold. */
function cameToNothing({ exit, session }: Summary, failure: unknown): Refusal {
  if (failure !== undefined && !(failure instanceof Fault)) throw failure;
  const why = exit.by === "postern" ? exit.reason : `the program that tries the walls ended with ${exit.code}`;
  const text = failure?.message ?? `nothing is proved: ${why}`;
  const hint = failure?.hint ?? `postern log --session ${session} tells what was refused to it`;
  return { kind: "refused", code: 125, text, hint };
}

interface Watched extends Pick<Evidence, "prepared" | "report"> {
  readonly inward: Inward;
  readonly scratch: Scratch;
  readonly ears: Ears;
  readonly summary: Summary;
}

function see({ prepared, report, inward, scratch, ears, summary }: Watched): Seen {
  return {
    report,
    grade: summary.grade,
    missing: summary.missing,
    inside: inward.place(scratch.work) ?? scratch.work,
    loot: inward.loot,
    entries: entriesOf(prepared),
    glimpses: inward.glimpses(),
    heard: ears.heard(),
    dialled: ears.dialled(),
    unharmed: scratch.stranger.lives(),
    left: living(scratch.mark),
    keyed: keysWith(scratch.mark),
  };
}

function entriesOf({ state, session }: Prepared): readonly RecordedEntry[] {
  using record = openRecord(state.directory);
  return [...record.entries({ session: session.id })];
}

function keysWith(mark: string): boolean | undefined {
  try {
    return readFileSync("/proc/keys", "utf8").includes(mark);
  } catch {
    return undefined;
  }
}
