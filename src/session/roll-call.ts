// Who answers the roll: the sessions that run now, and the kill switch. A signal goes only to a process that is the
// session's own, held by a descriptor while that is made sure of; nothing is done to a session of another container.

import { setTimeout } from "node:timers/promises";
import { z } from "zod";
import { type Life, lifeOf } from "../boundary/linux/life.ts";
import { signalLife } from "../boundary/linux/life-signal.ts";
import { parseSessionId, type SessionId } from "../domain/brand.ts";
import { here, mayRun, splitMark } from "./interrupted.ts";
import { type Note, readNotes } from "./roll.ts";
import type { State } from "./state.ts";

const schema = z.object({
  version: z.literal(1),
  session: z.string().refine((text) => parseSessionId(text) !== undefined),
  owner: z.string(),
  tool: z.object({ name: z.string(), version: z.string().nullable() }),
  workspace: z.string(),
  grade: z.string(),
  mode: z.string(),
  edits: z.string(),
  headless: z.boolean(),
  since: z.iso.datetime(),
}) satisfies z.ZodType<Note>;

export interface Running extends Omit<Note, "version" | "owner"> {
  readonly session: SessionId;
  /** Undefined where it runs in another container, and nothing more is known of it. */
  readonly life: Life | undefined;
}

/** Oldest first. A note that is none of ours is passed over. */
export function listRunning(state: State): readonly Running[] {
  return readNotes(state)
    .flatMap(({ text }) => parseNote(text) ?? [])
    .filter(({ owner }) => mayRun(owner))
    .map(({ version: _version, owner, ...note }) => ({ ...note, life: lifeFor(owner) }))
    .map((running) => ({ ...running, session: running.session as SessionId }))
    .sort((a, b) => Date.parse(a.since) - Date.parse(b.since));
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

/** `ended`: by itself, when told to. `killed`: it did not in time; its own end is not on the record. */
export type Stopped = "ended" | "killed" | "elsewhere" | "unreachable";

/** Milliseconds a session has for its last entries, the sweep and the second undo point. */
const patience = 30_000;

export async function stopRunning({ life }: Pick<Running, "life">, within = patience): Promise<Stopped> {
  if (life === undefined) return "elsewhere";
  // one that was suspended has to go on to hear it
  const told = (await signalLife(life, "SIGUSR2")) && (await signalLife(life, "SIGCONT"));
  if (!told) return isGone(life) ? "ended" : "unreachable";
  if (await waitFor(life, within)) return "ended";
  await signalLife(life, "SIGKILL");
  return (await waitFor(life, 5000)) ? "killed" : "unreachable";
}

function isGone({ pid, began }: Life): boolean {
  return lifeOf(pid)?.began !== began;
}

async function waitFor(life: Life, milliseconds: number): Promise<boolean> {
  const until = Date.now() + milliseconds;
  for (let pause = 10; !isGone(life); pause = Math.min(200, pause * 1.5)) {
    if (Date.now() > until) return false;
    await setTimeout(pause);
  }
  return true;
}
