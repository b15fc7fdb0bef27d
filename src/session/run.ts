// One run of one tool: where the rooms are joined. Read it from the top; each line is a room.

import { judgeFor } from "../decision/judge.ts";
import { openMint } from "../gateway/authority/mint.ts";
import { openBook } from "../ledger/book.ts";
import { openAsking } from "./asking.ts";
import { openAttempts } from "./attempts.ts";
import { openBoundsReached } from "./bounds-reached.ts";
import { closeSession } from "./closing.ts";
import { openCommands } from "./commands.ts";
import { openCheckouts } from "./edits.ts";
import { openEnds } from "./ends.ts";
import { openGate } from "./gate.ts";
import { gradedBy } from "./grade.ts";
import { finishInterrupted } from "./interrupted.ts";
import { openBrowserWay } from "./login/browser.ts";
import { announce, beat, enterStart } from "./milestones.ts";
import { openOffers } from "./offers.ts";
import { composePlan } from "./plan.ts";
import { prepare } from "./prepare.ts";
import type { RunOutcome, RunRequest } from "./request.ts";
import { rest } from "./rest.ts";
import { enrol } from "./roll.ts";

export async function runSession(request: RunRequest): Promise<RunOutcome> {
  const asked = await prepare(request); // the tool, the policy, its credentials: all that can refuse before anything exists
  if (asked.kind === "refused") return asked;
  request.trial?.prepared(asked);

  const interrupted = await finishInterrupted(asked); // a session killed here before: its sweep is made up for
  using checkouts = await openCheckouts(asked); // control files found, the undo point begun; or a private copy made
  const mint = openMint(); // this session's own authority, in memory
  await using ends = await openEnds({
    walls: request.ground.enter(composePlan(asked, checkouts, mint.pem)),
    book: (grade) => openBook({ state: asked.state.directory, session: { ...asked.session, grade } }),
  });
  const { book, walls } = ends;
  const prepared = gradedBy(asked, walls); // as strong as they turned out: accepted, or refused
  const { session, state, policy } = prepared;
  const asking = openAsking(prepared, book.append); // what only a person may decide
  const gate = await openGate({
    prepared,
    mint,
    judge: judgeFor(policy),
    append: book.append,
    inside: walls.inside,
    asking,
    checkouts,
  });
  await Promise.all([checkouts.ready, enterStart(book, prepared, { checkouts, interrupted, walls })]);
  const unheld = walls.missing.includes("files");
  using begun = await checkouts.begin(book.append, { cover: walls.cover, unheld }); // all of it durable before the tool runs

  const attempts = openAttempts(book.append, session.workspace, checkouts); // at what is held or hidden
  const reached = openBoundsReached(book.append); // what everything inside may have, used up
  const commands = openCommands(prepared, book.append, { asking, others: { ...attempts, ...reached } }); // every program that begins inside: judged, entered
  gate.serve(walls.doors);
  ends.watch(gate);
  announce(prepared, { walls, checkouts });
  using _enrolled = enrol(state, session, request.now); // from here on it can be seen, and stopped
  using _beating = beat(book.append);
  using _logins = openBrowserWay({ prepared, gate, inside: walls.inside, append: book.append }); // a login is shown to the person
  using offers = openOffers(walls.inside, prepared); // servers inside that nobody published
  const exit = await ends.until(
    walls.run(prepared.installation.command, commands.watch, (ended) => rest(book, ended)),
    request,
  );
  return await closeSession({ prepared, ends, gate, commands, attempts, reached, offers, checkouts, begun, exit }); // sweep, second point, the last entries
}
