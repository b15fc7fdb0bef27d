// What a command that only looks needs to know of where it stands: the checkout, the state, where the layers lie.

import { resolve } from "node:path";
import { policySources } from "../session/policy-places.ts";
import { describeState, type State } from "../session/state.ts";
import { stateDirectory } from "../session/state-directory.ts";
import { findWorkspace } from "../session/workspace.ts";
import { type Caller, readCaller } from "./caller.ts";

export interface Around {
  readonly caller: Caller;
  readonly workspace: string;
  readonly state: State;
  readonly sources: ReturnType<typeof policySources>;
}

export function lookAround(options: {
  readonly policy?: string;
  readonly tool?: string;
  readonly path?: string;
}): Around {
  const caller = readCaller();
  const workspace = findWorkspace(options.path === undefined ? caller.directory : resolve(options.path), caller.home);
  const state = describeState(stateDirectory(caller.environment, caller.home));
  const places = { ...caller, policy: options.policy === undefined ? undefined : resolve(options.policy) };
  return { caller, workspace, state, sources: policySources(places, { workspace, state, profile: options.tool }) };
}
