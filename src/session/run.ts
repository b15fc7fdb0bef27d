// One run of one tool: where the rooms are joined. Read it from the top; each line is a room.

import { judgeFor } from "../decision/judge.ts";
import { createAuthority } from "../gateway/authority/session-authority.ts";
import { openLive } from "./checkout.ts";
import { openEnds } from "./ends.ts";
import { openGate } from "./gate.ts";
import { finishInterrupted } from "./interrupted.ts";
import { announce, beat, enterStart, enterStop } from "./milestones.ts";
import { composePlan } from "./plan.ts";
import { prepare } from "./prepare.ts";
import type { RunOutcome, RunRequest } from "./request.ts";
import { openStaged } from "./staged.ts";
import { summarise } from "./summarise.ts";

export async function runSession(request: RunRequest): Promise<RunOutcome> {
  const prepared = await prepare(request); // the tool, the policy, its credentials: all that can refuse before anything exists
  if (prepared.kind === "refused") return prepared;
  const { session, state, policy } = prepared;

  const interrupted = await finishInterrupted(prepared); // a session killed here before: its sweep is made up for
  // control files found, the undo point begun; or a private copy made
  using checkouts = session.edits === "staged" ? await openStaged(prepared) : openLive(prepared);
  const authority = createAuthority(); // this session's own, in memory
  await using ends = await openEnds({
    book: request.begun.scribe.open({ state: state.directory, session }),
    walls: request.begun.ground.enter(composePlan(prepared, checkouts, authority.pem)),
  });
  const { book, walls } = ends;
  const gate = await openGate({ prepared, authority, judge: judgeFor(policy), append: book.append });
  await Promise.all([checkouts.ready, enterStart(book, prepared, { checkouts, interrupted })]);
  using _begun = await checkouts.begin(book.append); // all of it durable before the tool runs

  gate.serve(walls.doors);
  ends.watch(gate);
  announce(prepared, checkouts);
  using _beating = beat(book.append);
  const exit = await ends.until(walls.run(prepared.installation.command), request);

  await gate.close();
  const changes = await checkouts.close(); // sweep, second point, what changed
  const ending = await enterStop(book, prepared, { exit, gate, changes });
  return { kind: "ended", summary: summarise({ prepared, ...ending, gate, changes, entries: book.entries() }) };
}
