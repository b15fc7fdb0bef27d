// `postern stop`: the kill switch. Ends a session closed: the tool and all it started are gone, the end is on the record,
// and its `postern run` ends with 124.

import { parseSessionId } from "../../domain/brand.ts";
import { enterKilled, listRunning, type Running, type Stopped, stopRunning } from "../../session/roll-call.ts";
import { describeState } from "../../session/state.ts";
import { stateDirectory } from "../../session/state-directory.ts";
import { readCaller } from "../caller.ts";
import { print, warn } from "../speech.ts";
import { show, showPath } from "../table.ts";

export async function stop(named: string | undefined, flags: { readonly all: boolean }): Promise<number> {
  const caller = readCaller();
  const state = describeState(stateDirectory(caller.environment, caller.home));
  const chosen = choose(listRunning(state), named, flags.all);
  if (typeof chosen === "number") return chosen;
  const outcomes = await Promise.all(chosen.map(async (one) => ({ one, outcome: await stopRunning(one) })));
  for (const { one, outcome } of outcomes) {
    if (outcome === "killed") await enterKilled(state, one);
    tell(one, outcome, caller.home);
  }
  return outcomes.every(({ outcome }) => outcome === "ended" || outcome === "killed") ? 0 : 1;
}

function choose(running: readonly Running[], named: string | undefined, all: boolean): readonly Running[] | number {
  if (named !== undefined && (all || parseSessionId(named) === undefined)) {
    const what = all ? "either a session or --all" : `"${show(named, 40)}" is no session`;
    warn(what, "a session is s- and eight characters: postern status lists those that run");
    return 2;
  }
  const chosen = named === undefined ? running : running.filter(({ session }) => session.id === named);
  if (chosen.length === 0) {
    warn(named === undefined ? "nothing runs inside the boundary now" : `${named} does not run here`);
    return 1;
  }
  if (chosen.length === 1 || all) return chosen;
  warn(`${chosen.length} sessions run; say which, or --all`, "postern status lists them");
  return 2;
}

function tell({ session }: Running, outcome: Stopped, home: string): void {
  const { id, tool, workspace } = session;
  const what = `${id}, ${show(tool.name, 40)} in ${showPath(workspace, home)},`;
  if (outcome === "ended") print(`${what} is stopped`);
  else if (outcome === "killed") {
    print(`${what} is stopped; it had to be killed`);
    warn("its checkout was not swept", "the next session there does that");
  } else if (outcome === "elsewhere") warn(`${what} runs in another container`, "stop it there");
  else warn(`${what} cannot be signalled`, "see whose process it is: postern status --json");
}
