// `postern setup [TOOL…]`: typing a tool's name runs it inside. What would be written is shown first, written only with the
// person's yes, and taken away again by `--undo`, which needs nothing but the list of it.

import { basename, resolve } from "node:path";
import { Fault } from "../../domain/fault.ts";
import { type FoundTool, findKnownTools, findTool } from "../../inventory/tools.ts";
import { profiles } from "../../policy/profile.ts";
import { describeState, type State } from "../../session/state.ts";
import { stateDirectory } from "../../session/state-directory.ts";
import { readCaller, typedPath } from "../caller.ts";
import { agree } from "../consent.ts";
import { carryOut, undoSetup } from "../setup/carry-out.ts";
import { type Manifest, readManifest } from "../setup/manifest.ts";
import { ownCommand } from "../setup/own-command.ts";
import { isShim, type Plan, planSetup } from "../setup/plan.ts";
import { type Shell, shellNamed } from "../setup/shell.ts";
import { isOpen, planToJson, tellDone, tellPlan, tellUndone } from "../setup/tell.ts";
import { print, warn } from "../speech.ts";
import { show } from "../table.ts";

export interface SetupFlags {
  readonly undo: boolean;
  readonly yes: boolean;
  readonly json: boolean;
  readonly editor: boolean;
  readonly shell?: Shell;
}

export async function setup(names: readonly string[], flags: SetupFlags): Promise<number> {
  const caller = readCaller();
  const state = describeState(stateDirectory(caller.environment, caller.home));
  const manifest = readManifest(state.directory);
  if (flags.undo) return undo(state, manifest, { names, json: flags.json });
  const tools = chooseTools(names, flags.editor);
  if (typeof tools === "number") return tools;
  const plan = planFor(tools, { state, manifest, flags });
  if (plan === undefined) return 1;
  const outcome = await decide(plan, flags, () => carryOut(plan, state.directory, manifest));
  if (outcome === "refused") return 1;
  const all = [...plan.files, plan.block, ...plan.settings];
  return all.some(({ standing }) => standing === "foreign" || standing === "closed") ? 1 : 0;
}

/** Shows, asks, writes, says so. */
async function decide(plan: Plan, flags: SetupFlags, write: () => void): Promise<"written" | "there" | "refused"> {
  const typist = { home: readCaller().home, path: typedPath() };
  const open = [...plan.files, plan.block, ...plan.settings].some(isOpen);
  if (!flags.json) tellPlan(plan, typist);
  const asked = async () => !flags.json && (await agree("write this? [y/N] ", "postern setup --yes"));
  const written = open && (flags.yes || (await asked()));
  if (written) write();
  if (flags.json) for (const line of planToJson(plan, written)) print(line);
  else if (open && !written) warn("nothing was written");
  else tellDone(plan, written, typist);
  return written ? "written" : open ? "refused" : "there";
}

/** The named ones, or all that are known and here; an exit code where there is none, and none is needed for an `editor`. */
function chooseTools(names: readonly string[], editor: boolean): readonly FoundTool[] | number {
  const { environment, home, directory } = readCaller();
  const where = { home, workspace: directory, directory };
  const context = { ...where, path: environment["PATH"] ?? "", variables: environment, digests: undefined };
  if (names.length === 0) {
    const found = findKnownTools(context);
    if (found.length > 0 || editor) return found;
    const known = profiles.flatMap(({ commands }) => commands).join(", ");
    warn(`none of the tools that Postern knows is on PATH (${known})`, "name your own: postern setup TOOL");
    return 1;
  }
  const found: FoundTool[] = [];
  for (const name of new Set(names.map(commandOf))) {
    const objection = objectTo(name);
    const tool = objection ?? findTool(name, context);
    if (tool instanceof Fault) {
      warn(show(tool.message, 200), tool.hint);
      return objection === undefined ? 1 : 2;
    }
    found.push(tool);
  }
  return found;
}

/** `claude-code` is typed `claude`. */
function commandOf(name: string): string {
  return profiles.find((profile) => profile.name === name)?.commands[0] ?? name;
}

/** What Postern and its shims themselves are started with. */
const needed = /^(?:postern|postern-run|sh|bash|dash|env|node|git|bwrap|unshare|mount|ip|nft|setsid|prlimit|setpriv)$/;

function objectTo(name: string): Fault | undefined {
  if (!/^[A-Za-z0-9][A-Za-z0-9._+-]{0,63}$/.test(name))
    return new Fault({
      code: "name",
      message: `"${show(name, 80)}" is no command's name`,
      hint: "postern setup claude",
    });
  if (!needed.test(name)) return undefined;
  const hint = `for once: postern run -- ${name}`;
  return new Fault({ code: "name", message: `${name} is needed to start Postern, and cannot lead to it`, hint });
}

function planFor(
  tools: readonly FoundTool[],
  { state, manifest, flags }: { state: State; manifest: Manifest; flags: SetupFlags },
): Plan | undefined {
  const caller = readCaller();
  if (/[:\n]/.test(state.shims)) {
    warn(`${state.shims} cannot be a part of PATH`, "point POSTERN_HOME at a directory without a colon in its name");
    return undefined;
  }
  const { SHELL: login } = caller.environment;
  const own = ownCommand(resolve(process.argv[1] ?? ""), process.execPath);
  const typed = findTool("postern", {
    path: caller.environment["PATH"] ?? "",
    home: caller.home,
    workspace: caller.directory,
    directory: caller.directory,
    variables: caller.environment,
    digests: undefined,
  });
  return planSetup({
    tools,
    shell: flags.shell ?? shellNamed(login ?? caller.shell),
    person: caller,
    directory: state.shims,
    own,
    launcher: typed instanceof Fault && tools.length > 0,
    editor: flags.editor,
    manifest,
  });
}

function undo(state: State, manifest: Manifest, { names, json }: { names: readonly string[]; json: boolean }): number {
  const commands = names.map(commandOf);
  const kept = manifest.files.filter(({ path }) => isShim(path) && !commands.includes(basename(path)));
  const all = commands.length === 0 || kept.length === 0;
  const undone = undoSetup(state.directory, manifest, ({ path }) => all || commands.includes(basename(path)));
  const typist = { home: readCaller().home, path: typedPath() };
  for (const one of undone) {
    if (json) print(JSON.stringify(one));
    else tellUndone(one, typist);
  }
  if (undone.length === 0 && !json) print("nothing to undo: setup has written nothing here");
  return undone.some(({ outcome }) => outcome === "changed") ? 1 : 0;
}
