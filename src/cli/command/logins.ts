// `postern logins`: which of the tools' own logins are kept here, and the end of one: what is kept of it is gone, and the
// placeholders the tool holds are worth nothing any more.

import { resolve } from "node:path";
import { profiles } from "../../policy/profile.ts";
import { type KeptAccount, listKept } from "../../session/login/kept.ts";
import { describeState } from "../../session/state.ts";
import { stateDirectory } from "../../session/state-directory.ts";
import { findWorkspace } from "../../session/workspace.ts";
import { type Caller, readCaller } from "../caller.ts";
import { print, warn } from "../speech.ts";
import { align, show, showPath } from "../table.ts";

interface Flags {
  readonly forget?: string;
  readonly all: boolean;
  readonly json: boolean;
}

export function logins(path: string | undefined, flags: Flags): Promise<number> {
  return Promise.resolve(flags.forget === undefined ? list(path, flags) : forget(flags.forget, path, flags));
}

function list(path: string | undefined, { all, json }: Flags): number {
  if (path !== undefined || all) {
    warn("what is to be done with it is not said", "postern logins --forget TOOL [PATH | --all]");
    return 2;
  }
  const caller = readCaller();
  const kept = keptFor(caller);
  if (json) for (const one of kept) print(toJson(one));
  else if (kept.length === 0) print("no tool's login is kept here");
  else for (const line of toLines(kept, caller.home)) print(line);
  return 0;
}

function keptFor({ environment, home }: Caller): readonly KeptAccount[] {
  return listKept(describeState(stateDirectory(environment, home)), home);
}

function toJson({ tool, of, workspace, state, expires, file }: KeptAccount): string {
  const until = expires === undefined ? null : new Date(expires).toISOString();
  return JSON.stringify({ tool, of, workspace: workspace ?? null, state, expires: until, file });
}

function toLines(kept: readonly KeptAccount[], home: string): readonly string[] {
  const rows = kept.map((one) => [one.tool, placeOf(one, home), stateOf(one)]);
  return align([{ title: "tool" }, { title: "whose" }, { title: "state" }], rows, false);
}

function placeOf({ of, workspace, file }: KeptAccount, home: string): string {
  if (of === "host") return `this machine's own, ${showPath(file, home)}`;
  return workspace === undefined
    ? `a checkout that is not noted, ${showPath(file, home)}`
    : `in ${showPath(workspace, home)}`;
}

function stateOf({ state, expires }: KeptAccount): string {
  if (state === "broken") return "cannot be read";
  if (expires === undefined) return "logged in";
  const day = new Date(expires).toISOString().slice(0, 16).replace("T", " ");
  return expires > Date.now() ? `logged in, access until ${day} UTC` : `logged in, to be refreshed since ${day} UTC`;
}

function forget(tool: string, path: string | undefined, { all, json }: Flags): number {
  const known = profiles.filter(({ login }) => login !== undefined).map(({ name }) => name);
  if (!known.includes(tool) || json || (all && path !== undefined)) {
    const wrong = known.includes(tool)
      ? "what is to be forgotten is not clear"
      : `${show(tool, 40)} has no login that is kept`;
    warn(wrong, known.includes(tool) ? "postern logins --help" : `those that have one: ${known.join(", ")}`);
    return 2;
  }
  const caller = readCaller();
  const kept = keptFor(caller).filter((one) => one.tool === tool);
  const inside = kept.filter(({ of }) => of === "inside");
  const workspace = all ? undefined : findWorkspace(resolve(path ?? caller.directory), caller.home);
  const chosen = workspace === undefined ? inside : inside.filter(({ isOf }) => isOf(workspace));
  if (chosen.length === 0) return sayNone(kept, { tool, workspace, home: caller.home });
  return chosen.map((one) => end(one, caller.home)).every(Boolean) ? 0 : 1;
}

interface Sought {
  readonly tool: string;
  readonly workspace: string | undefined;
  readonly home: string;
}

function sayNone(kept: readonly KeptAccount[], { tool, workspace, home }: Sought): number {
  const host = kept.find(({ of }) => of === "host");
  if (host !== undefined && kept.length === 1)
    warn(`the login to ${tool} is this machine's own, ${showPath(host.file, home)}`, `log out with ${tool} outside`);
  else {
    const where = workspace === undefined ? "here" : `for ${showPath(workspace, home)}`;
    warn(`no login to ${tool} is kept ${where}`, "postern logins lists those that are");
  }
  return 1;
}

function end(one: KeptAccount, home: string): boolean {
  const what = `${one.tool} ${placeOf(one, home)}`;
  if (!one.forget()) {
    warn(`${what}: a session refreshes it and does not come to an end`, "postern status lists those that run");
    return false;
  }
  print(`${what}: logged out; what its sessions still hold is worth nothing`);
  warn("its server has not been told", "end the login on the vendor's own page, too, if it must not last");
  return true;
}
