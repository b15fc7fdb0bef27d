// Who answers the roll: the sessions that run now, and the kill switch. A signal goes only to a process that is the
// session's own, held by a descriptor while that is made sure of; nothing is done to a session of another container.

import { setTimeout } from "node:timers/promises";
import { z } from "zod";
import { isSuspended, type Life, mayLive } from "../boundary/linux/life.ts";
import { signalLife } from "../boundary/linux/life-signal.ts";
import { type Digest, parseDigest, parseSessionId, type SessionId } from "../domain/brand.ts";
import type { Session } from "../domain/session.ts";
import { openBook } from "../ledger/book.ts";
import { here, mayRun, splitMark } from "./interrupted.ts";
import { type Note, readNotes } from "./roll.ts";
import type { State } from "./state.ts";

const digest = z.custom<Digest>((value) => typeof value === "string" && parseDigest(value) !== undefined);

const schema = z.object({
  version: z.literal(1),
  owner: z.string(),
  since: z.iso.datetime(),
  session: z.object({
    id: z.custom<SessionId>((value) => typeof value === "string" && parseSessionId(value) !== undefined),
    principal: z.object({ name: z.string(), uid: z.int(), host: z.string() }),
    tool: z
      .object({
        name: z.string(),
        recognised: z.boolean(),
        version: z.string().optional(),
        path: z.string(),
        sha256: digest,
      })
      .transform((tool) => ({ ...tool, version: tool.version })),
    mode: z.enum(["enforce", "audit"]),
    edits: z.enum(["live", "staged"]),
    grade: z.enum(["full", "outer", "partial", "record-only"]),
    headless: z.boolean(),
    workspace: z.string(),
    policy: digest,
    build: digest,
  }),
}) satisfies z.ZodType<Note>;

export interface Running {
  readonly session: Session;
  /** ISO 8601, UTC. */
  readonly since: string;
  /** Undefined where it runs in another container, and nothing more is known of it. */
  readonly life: Life | undefined;
}

/** Oldest first. A note that is none of ours is passed over. */
export function listRunning(state: State): readonly Running[] {
  return readNotes(state)
    .flatMap(({ text }) => parseNote(text) ?? [])
    .filter(({ owner }) => mayRun(owner))
    .map(({ owner, since, session }) => ({ session, since, life: lifeFor(owner) }))
    .sort((a, b) => Date.parse(a.since) - Date.parse(b.since));
}

/** Live ones in whose checkout this one lies: a tool of theirs may lead a directory around it elsewhere while it is read. */
export function sessionsAround(
  state: State,
  { id, workspace }: Pick<Session, "id" | "workspace">,
): readonly SessionId[] {
  return listRunning(state)
    .map(({ session }) => session)
    .filter((other) => other.id !== id && other.edits === "live" && workspace.startsWith(`${other.workspace}/`))
    .map((other) => other.id);
}

export function parseNote(text: string): Note | undefined {
  try {
    return schema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

function lifeFor(owner: string): Life | undefined {
  const { place, pid, began } = splitMark(owner);
  return place === here() ? { pid, began } : undefined;
}

/** `ended`: by itself, when told to. `killed`: it did not, and its end was entered in its stead. */
export type Stopped = "ended" | "killed" | "elsewhere" | "unreachable";

const patience = {
  /** Milliseconds a session has for its last entries, the sweep and the second undo point. */
  endMs: 30_000,
  /** Milliseconds after which one that is suspended again, as in the background of a terminal it needs, will not hear. */
  suspendedMs: 2000,
  /** Milliseconds after which what was killed has to be gone. */
  goneMs: 5000,
};

export async function stopRunning({ life }: Pick<Running, "life">, within = patience.endMs): Promise<Stopped> {
  if (life === undefined) return "elsewhere";
  // one that was suspended has to go on to hear it
  const told = (await signalLife(life, "SIGUSR2")) && (await signalLife(life, "SIGCONT"));
  if (!told) return isGone(life) ? "ended" : "unreachable";
  if (await waitFor(life, within)) return "ended";
  await signalLife(life, "SIGKILL");
  return (await waitFor(life, patience.goneMs)) ? "killed" : "unreachable";
}

/** In the stead of a session that was killed. Rejects with a BookFault. */
export async function enterKilled(state: State, { session }: Pick<Running, "session">): Promise<void> {
  await using book = await openBook({ state: state.directory, session });
  const exit = { code: 124, by: "postern", reason: "stopped, and killed: it did not end when told to" };
  await book.append({ kind: "session.stop", counts: { "exit-code": exit.code }, sealed: { exit } });
}

function isGone(life: Life): boolean {
  return !mayLive(life);
}

async function waitFor(life: Life, milliseconds: number): Promise<boolean> {
  const until = performance.now() + milliseconds;
  let heard = performance.now();
  for (let pause = 10; !isGone(life); pause = Math.min(200, pause * 1.5)) {
    if (!isSuspended(life)) heard = performance.now();
    if (performance.now() > until || performance.now() - heard > patience.suspendedMs) return false;
    await setTimeout(pause);
  }
  return true;
}
