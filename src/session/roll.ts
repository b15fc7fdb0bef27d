// The roll of sessions that run: a note each, from before the tool runs until the session has ended, in the state directory,
// which nothing inside can reach. A note whose process is gone (it was killed) counts for nothing.

import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Fault } from "../domain/fault.ts";
import type { Session } from "../domain/session.ts";
import { mayRun, ownMark } from "./interrupted.ts";
import type { State } from "./state.ts";

/** As it is written; whoever reads it parses it. */
export interface Note {
  readonly version: 1;
  /** Whose process it is: told from a later one of the same number, and from another container's. */
  readonly owner: string;
  /** ISO 8601, UTC. */
  readonly since: string;
  readonly session: Session;
}

/** Until it is disposed of. Throws a Fault where it cannot be written: a session nobody could find cannot be stopped. */
export function enrol(state: State, session: Session, since: Date): Disposable {
  const note: Note = { version: 1, owner: ownMark(), since: since.toISOString(), session };
  const file = join(state.running, `${session.id}.json`);
  try {
    mkdirSync(state.running, { recursive: true, mode: 0o700 });
    strikeDead(state);
    writeFileSync(`${file}.new`, `${JSON.stringify(note)}\n`, { mode: 0o600 });
    renameSync(`${file}.new`, file);
  } catch (cause) {
    const hint = `make ${state.running} writable and see that its disk is not full`;
    throw new Fault({ code: "roll", message: "the session cannot be noted as running", hint, cause });
  }
  return { [Symbol.dispose]: () => rmSync(file, { force: true }) };
}

/** What sessions that were killed left. */
function strikeDead(state: State): void {
  for (const { file, text } of readNotes(state)) {
    const owner = /"owner":"([^"]+)"/.exec(text)?.[1];
    if (owner === undefined || !mayRun(owner)) rmSync(file, { force: true });
  }
}

/** Sessions of this person that run now, or may, beside this one. */
export function othersRun(state: State, own: string): boolean {
  return readNotes(state).some(({ file, text }) => {
    const owner = /"owner":"([^"]+)"/.exec(text)?.[1];
    return !file.endsWith(`/${own}.json`) && owner !== undefined && mayRun(owner);
  });
}

export function readNotes({ running }: State): readonly { readonly file: string; readonly text: string }[] {
  try {
    return readdirSync(running)
      .filter((name) => name.endsWith(".json"))
      .sort()
      .flatMap((name) => readNote(join(running, name)));
  } catch {
    return [];
  }
}

/** It may be taken away while it is looked for. */
function readNote(file: string): { readonly file: string; readonly text: string }[] {
  try {
    return [{ file, text: readFileSync(file, "utf8") }];
  } catch {
    return [];
  }
}
