// After the tool's end: what is on its way let out, the sweep, the second undo point, the last entries, everything closed,
// the summary. The tool has run, so whatever of ours fails from here on makes the end one of ours (124), is told, and
// keeps nothing else from being done.

import type { Attempts } from "./attempts.ts";
import type { BoundsReached } from "./bounds-reached.ts";
import { boundCaches } from "./cache-bound.ts";
import type { Changes } from "./changed.ts";
import type { Checkouts } from "./checkout.ts";
import type { Commands } from "./commands.ts";
import { type Ends, endByFailure, reasonOf, type SessionExit } from "./ends.ts";
import type { Gate } from "./gate.ts";
import { enterStop } from "./milestones.ts";
import type { Offers } from "./offers.ts";
import type { Prepared } from "./prepare.ts";
import type { RunOutcome } from "./request.ts";
import { othersRun } from "./roll.ts";
import { summarise } from "./summarise.ts";

export interface Closing {
  readonly prepared: Prepared;
  readonly ends: Ends;
  readonly gate: Gate;
  readonly commands: Commands;
  readonly attempts: Attempts;
  readonly reached: BoundsReached;
  readonly offers: Offers;
  readonly checkouts: Checkouts;
  /** What beginning with the checkouts gave. */
  readonly begun: Disposable;
  readonly exit: SessionExit;
}

/** Where the checkouts could not be closed: nothing is known of what changed. */
const unknown: Changes = {
  changed: [],
  held: [],
  swept: [],
  planted: [],
  veiled: [],
  undo: false,
  staged: [],
  warnings: [],
};

/** Never rejects but for a defect in itself. */
export async function closeSession(closing: Closing): Promise<RunOutcome> {
  const { prepared, ends, gate, commands, offers, checkouts, begun } = closing;
  const { tell } = prepared.request;
  let exit = commands.conclude(closing.exit);
  const attempt = async <Value, Other>(otherwise: Other, work: () => PromiseLike<Value>): Promise<Value | Other> => {
    try {
      return await work();
    } catch (error) {
      // said once, also where every later step fails for the same reason
      if (reasonOf(error) !== exit.reason) {
        const failure = endByFailure(error, tell);
        if (exit.by === "tool") exit = failure;
      }
      return otherwise;
    }
  };
  await attempt(undefined, async () => offers.end());
  await attempt(undefined, () => gate.close());
  await attempt(undefined, () => commands.close());
  const changes = await attempt(unknown, () => checkouts.close());
  for (const text of changes.warnings) tell({ kind: "warning", text });
  const head = await attempt(undefined, () => enterStop(ends.book, { exit, gate, commands, changes }));
  const entries = ends.book.entries();
  // what fails from here on is in the summary and no longer in the record, which is sealed
  await attempt(undefined, async () => begun[Symbol.dispose]());
  await attempt(undefined, () => ends[Symbol.asyncDispose]());
  await attempt(undefined, async () => tidy(prepared));
  return {
    kind: "ended",
    summary: summarise({ ...closing, walls: ends.walls, exit, head, changes, entries }),
  };
}

function tidy({ request, state, session }: Prepared): void {
  const dropped = boundCaches(state.caches, new Date(), () => !othersRun(state, session.id));
  if (dropped.length === 0) return;
  const text = `package caches were too large: ${dropped.join(", ")} begin anew`;
  request.tell({ kind: "warning", text, hint: "what is needed of them is fetched again" });
}
