// `postern status`: what runs inside now, under which grade, what it asked for and was refused so far, what waits for a word.

import { Fault } from "../../domain/fault.ts";
import { sayGrade } from "../../domain/session.ts";
import { openRecord } from "../../ledger/record.ts";
import { readPolicy } from "../../policy/read.ts";
import { openQuestions } from "../../session/approvals.ts";
import { listRunning, type Running } from "../../session/roll-call.ts";
import { countLabelled, type Labelled, sayLabelled } from "../../session/sources/counting.ts";
import { describeState, type State } from "../../session/state.ts";
import { stateDirectory } from "../../session/state-directory.ts";
import { lookAround } from "../around.ts";
import { readCaller } from "../caller.ts";
import { paint, print } from "../speech.ts";
import { duration, plural, show, showPath } from "../table.ts";

export async function status(flags: { readonly json: boolean }): Promise<number> {
  const caller = readCaller();
  const state = describeState(stateDirectory(caller.environment, caller.home));
  const running = listRunning(state);
  const counts = running.length === 0 ? new Map<string, Counts>() : countEntries(state, running);
  const waiting = openQuestions(state).filter(({ answer }) => answer === undefined);
  for (const one of running) {
    const asked = waiting.filter(({ session }) => session === one.session.id).length;
    const seen = { counts: counts.get(one.session.id), asked, labelled: await labelledIn(one) };
    if (flags.json) print(toJson(one, seen));
    else for (const line of toLines(one, seen, caller.home)) print(line);
  }
  if (running.length === 0 && !flags.json) print("nothing runs inside the boundary now");
  return 0;
}

interface Counts {
  readonly requests: number;
  readonly refusals: number;
}

interface Seen {
  /** Undefined where the record cannot be read. */
  readonly counts: Counts | undefined;
  /** Questions nobody has answered. */
  readonly asked: number;
  /** Undefined where the policy says nothing of it. */
  readonly labelled: Labelled | undefined;
}

/** By the policy as it is now. */
async function labelledIn({ session }: Running): Promise<Labelled | undefined> {
  const outcome = await readPolicy(lookAround({ path: session.workspace }).sources);
  if (!outcome.ok || (outcome.policy.labels ?? outcome.policy.protected) === undefined) return undefined;
  return countLabelled(outcome.policy);
}

/** Of the record, where there is one that can be read. */
function countEntries(state: State, running: readonly Running[]): ReadonlyMap<string, Counts> {
  try {
    using record = openRecord(state.directory);
    return new Map(
      running.map(({ session }) => {
        const tally = record.tally(session.id);
        return [session.id, { requests: tally.get("request") ?? 0, refusals: tally.get("refusal") ?? 0 }];
      }),
    );
  } catch (error) {
    if (error instanceof Fault) return new Map();
    throw error;
  }
}

function toJson({ session, since, life }: Running, { counts, asked, labelled }: Seen): string {
  const { id, tool, workspace, grade, mode, edits, headless } = session;
  return JSON.stringify({
    session: id,
    tool: { name: tool.name, version: tool.version ?? null },
    ...{ workspace, grade, mode, edits, headless, since },
    pid: life?.pid ?? null,
    requests: counts?.requests ?? null,
    refusals: counts?.refusals ?? null,
    pending: asked,
    ...(labelled === undefined ? {} : { labelled }),
  });
}

function toLines({ session, since, life }: Running, { counts, asked, labelled }: Seen, home: string): string[] {
  const { id, tool, workspace, grade, mode, edits, headless } = session;
  const name = show(tool.version === undefined ? tool.name : `${tool.name} ${tool.version}`, 30);
  const place = showPath(workspace, home);
  const facts = [
    sayGrade(grade),
    mode,
    `edits ${edits}`,
    ...(headless ? ["headless"] : []),
    ...(life === undefined ? ["in another container"] : []),
  ];
  const told =
    counts === undefined ? [] : [`${plural(counts.requests, "request")}, ${plural(counts.refusals, "refusal")}`];
  return [
    `${paint.bold(id)}  ${name}, for ${duration((Date.now() - Date.parse(since)) / 1000)}`,
    `            in ${place}`,
    `            ${[...facts, ...told].join(" · ")}`,
    ...(labelled === undefined ? [] : [`            labels: ${show(sayLabelled(labelled), 200)}`]),
    ...(asked > 0 ? [`            ${plural(asked, "question")} unanswered:  postern pending`] : []),
  ];
}
