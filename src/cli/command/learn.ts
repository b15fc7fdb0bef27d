// `postern policy learn --from SESSION…`: the narrowest policy that explains what those sessions did, with the evidence behind
// each line. Nothing is put in force: it is printed, or written where there is nothing yet.

import { existsSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { parseSessionId } from "../../domain/brand.ts";
import { registriesHere } from "../../inventory/registries/find.ts";
import { openRecord, type ReadableRecord } from "../../ledger/record.ts";
import { learnPolicy } from "../../policy/learn/learn.ts";
import type { Lesson } from "../../policy/learn/lesson.ts";
import { maxLearnedSessions } from "../../policy/limits.ts";
import { renderFaults } from "../../policy/render.ts";
import { isWithin } from "../../policy/way.ts";
import { describeState } from "../../session/state.ts";
import { stateDirectory } from "../../session/state-directory.ts";
import { type Caller, readCaller } from "../caller.ts";
import { backgroundOf, type ReadSession, readSession, registryPlaces } from "../learn/read-sessions.ts";
import { print, say, warn } from "../speech.ts";
import { plural, show, showPath } from "../table.ts";
import { replace } from "./allow.ts";

export interface LearnFlags {
  readonly from: readonly string[];
  readonly out?: string;
  readonly json: boolean;
}

export async function learn(flags: LearnFlags): Promise<number> {
  const wrong = objectTo(flags);
  if (wrong !== undefined) {
    warn(...wrong);
    return 2;
  }
  const caller = readCaller();
  using record = openRecord(describeState(stateDirectory(caller.environment, caller.home)).directory);
  const sessions = readAll(record, flags.from, caller.home);
  if (typeof sessions === "number") return sessions;
  const out = flags.out === undefined ? undefined : resolve(flags.out);
  if (out !== undefined && existsSync(out)) {
    warn(`${show(out)} is there already`, "name another file, or take it away first");
    return 1;
  }
  const learned = learnPolicy(await seenIn(sessions, caller), backgroundOf(sessions));
  if (!learned.ok) {
    say(renderFaults(learned.faults).trimEnd());
    return 1;
  }
  if (out !== undefined) replace(out, learned.text);
  if (flags.json) for (const line of linesOf(learned.lesson)) print(JSON.stringify(line));
  else if (out === undefined) process.stdout.write(learned.text);
  sum(learned.lesson, out, { sessions, caller });
  return 0;
}

function objectTo({ from }: LearnFlags): [string, string] | undefined {
  const odd = from.find((id) => parseSessionId(id) === undefined);
  if (odd !== undefined)
    return [
      `"${show(odd, 40)}" is no session`,
      "a session is s- and eight characters: postern log --kind session.start lists them",
    ];
  return from.length > maxLearnedSessions
    ? [`${from.length} sessions are more than one policy is learned from`, `at most ${maxLearnedSessions} at once`]
    : undefined;
}

/** Or an exit code: said already. */
function readAll(record: ReadableRecord, ids: readonly string[], home: string): readonly ReadSession[] | number {
  const sessions: ReadSession[] = [];
  for (const id of new Set(ids)) {
    const session = readSession(record, id, home);
    if (session === undefined) {
      warn(
        `the record has no session ${id} whose beginning can be read`,
        "postern log --kind session.start lists them",
      );
      return 1;
    }
    sessions.push(session);
  }
  const [first] = sessions;
  const other = sessions.find(({ tool }) => tool !== first?.tool);
  if (first === undefined || other === undefined) return sessions.toSorted(byStart);
  warn(
    `${first.learned.id} is of ${show(first.tool, 40)} and ${other.learned.id} of ${show(other.tool, 40)}: a joint policy would give each what only the other needs`,
    "learn one policy for each tool",
  );
  return 2;
}

function byStart(a: ReadSession, b: ReadSession): number {
  return a.learned.started < b.learned.started ? -1 : 1;
}

async function seenIn(sessions: readonly ReadSession[], { home, environment: variables }: Caller) {
  const workspace = sessions.at(-1)?.workspace ?? "/";
  const lookup = await registryPlaces(registriesHere({ home, workspace, variables }), workspace);
  return each(sessions, lookup);
}

function* each(sessions: readonly ReadSession[], lookup: Parameters<ReadSession["seen"]>[0]) {
  for (const session of sessions) yield* session.seen(lookup);
}

/** To standard error: standard output is the policy. */
function sum(
  { grants, proposals, refused, beyond }: Lesson,
  out: string | undefined,
  { sessions, caller }: { sessions: readonly ReadSession[]; caller: Caller },
): void {
  const held =
    proposals.length === 0 ? "" : `, ${plural(proposals.length, "proposal")} that you would have to take over by hand`;
  const never = refused.lines.length === 0 ? "" : `, ${plural(refused.lines.length, "thing")} never granted`;
  say(`postern: ${plural(grants.length, "grant")}${held}${never}`);
  if (beyond > 0) warn(`${beyond} requests explain no line: more hosts or paths than a policy is made of`);
  if (out === undefined) return;
  const place = showPath(out, caller.home);
  const inside = sessions.some(({ workspace }) => workspace !== undefined && isWithin(dirname(out), workspace));
  if (inside)
    warn(
      `${place} lies in the checkout, where it counts as the repository's and grants nothing by itself`,
      "keep it elsewhere",
    );
  else say(`postern: hint: read ${place}, then: postern run --policy ${place} -- …`);
}

function* linesOf({ grants, proposals, ...rest }: Lesson): Generator<object> {
  for (const grant of grants) yield { line: "grant", ...grant };
  for (const proposal of proposals) yield { line: "proposal", ...proposal };
  for (const service of rest.services) yield { line: "service", ...service };
  for (const port of rest.publish) yield { line: "publish", ...port };
  for (const { places, ...credential } of rest.credentials)
    yield { line: "credential", ...credential, places: Object.fromEntries(places) };
  if (rest.signed !== undefined) yield { line: "signing", told: rest.signed };
  for (const [line, { lines }] of [
    ["refused", rest.refused],
    ["name", rest.names],
    ["control-file", rest.controlFiles],
  ] as const)
    for (const one of lines) yield { line, ...one };
  if (rest.beyond > 0) yield { line: "beyond", count: rest.beyond };
}
