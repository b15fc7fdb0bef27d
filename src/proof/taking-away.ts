// What a proof's session left in the state directory: its private home, undo point, quarantine, copies. The record stays.

import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { workspaceKey } from "../review/object-store.ts";
import { listCopies, removeCopy } from "../review/staged/record.ts";
import type { Prepared } from "../session/prepare.ts";
import { removeTree } from "../session/removal.ts";
import type { State } from "../session/state.ts";
import { living } from "./look.ts";
import { grantedPlaces, newIn, sharedRoots } from "./plan.ts";
import type { Scratch } from "./scratch.ts";

export function takeAway(state: State, { session, policy }: Prepared, { mark }: Scratch): void {
  for (const pid of living(mark)) end(pid);
  const key = workspaceKey(session.workspace);
  const trees = [
    state.home(session.tool.name, session.workspace),
    state.workspace(session.workspace),
    join(state.directory, "undo", key),
    join(state.quarantine, session.id),
  ];
  for (const tree of trees) removeTree(tree);
  for (const name of namesIn(state.sessions).filter((each) => each.includes(`.${session.id}.`)))
    rmSync(join(state.sessions, name), { force: true });
  for (const copy of listCopies(state.directory)) if (copy.session === session.id) removeCopy(copy);
  const left = [...sharedRoots, ...grantedPlaces(policy, session.workspace).map(({ path }) => path)];
  for (const root of left) remove(newIn(root, mark));
}

/** Of what the program inside began and nothing ended with the session: the mark is known to nobody else. */
function end(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // it has just ended
  }
}

function remove(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // nothing of the proof's could be put there either
  }
}

function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}
