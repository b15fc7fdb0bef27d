// The toolchains a policy names → what of them is shown inside, the person's PATH as far as that reaches, and the variables
// that belong to it. Found by managers' own places and by PATH. Reads names and links, no file's content but a Node
// header's version outside the home.

import { existsSync, lstatSync, readFileSync } from "node:fs";
import { basename, dirname, isAbsolute, join } from "node:path";
import type { Toolchain } from "../../policy/policy.ts";
import { exposes, isAround, type Surroundings } from "../exposure.ts";
import { limits } from "../limits.ts";
import { choosingVariables, covered, evidence, type Manager, managers, prefixVariables, programs } from "./managers.ts";
import { isSystem, namesIn, realOf, Showing, type Shown, type Withheld } from "./show.ts";

export interface Whereabouts {
  /** As the person's own; inside it is the same. */
  readonly home: string;
  readonly workspace: string;
  /** The caller's PATH and other variables. */
  readonly variables: Readonly<Record<string, string | undefined>>;
}

interface Context extends Whereabouts {
  /** Where these really are. */
  readonly around: Surroundings;
}

export interface Toolchains {
  readonly mounts: readonly Shown[];
  /** Absolute directories, in the person's order, that are there inside. */
  readonly searchPath: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** Asked for and not here. */
  readonly missing: readonly Toolchain[];
  /** Here and not shown. */
  readonly withheld: readonly Withheld[];
}

export function findToolchains(wanted: readonly Toolchain[], where: Whereabouts): Toolchains {
  const around = { home: realOf(where.home) ?? where.home, workspace: realOf(where.workspace) ?? where.workspace };
  const context = { ...where, around };
  const showing = new Showing(around);
  const used = managers
    .filter(({ toolchain }) => wanted.includes(toolchain))
    .flatMap((manager) => {
      const root = rootOf(manager, context);
      return root !== undefined && showManager(manager, root, showing) ? [{ ...manager, root }] : [];
    });
  const entries = pathEntries(context);
  const byPath = wanted.filter((toolchain) => showByPath(toolchain, { entries, showing, context }));
  const searchPath = reachable(entries, showing);
  for (const manager of used) coverCredentials(manager, showing);
  const there = new Set([...byPath, ...used.map(({ toolchain }) => toolchain)]);
  return {
    mounts: [...showing.mounts, ...(wanted.includes("node") ? headers(searchPath, context) : [])],
    searchPath,
    environment: { ...rootsOf(used, context), ...variablesOf(wanted, showing, context) },
    missing: wanted.filter((toolchain) => !there.has(toolchain)),
    withheld: showing.withheld,
  };
}

interface Used extends Manager {
  /** Absolute. */
  readonly root: string;
}

/** Never one that is the home, the workspace, or around them: its parts would be anything. */
function rootOf({ variable, root }: Manager, { home, around, variables }: Context): string | undefined {
  const said = variable === undefined ? undefined : variables[variable]?.split(":")[0]?.replace(/\/+$/, "");
  const path = said !== undefined && isAbsolute(said) ? said : join(home, root);
  const real = realOf(path);
  if (real === undefined || isSystem(real) || isAround(around.workspace, real)) return undefined;
  return isAround(real, around.home) || isAround(real, around.workspace) ? undefined : path;
}

/** True where there is anything of it. */
function showManager({ trees = [], shelves = [], named, whole }: Manager, root: string, showing: Showing): boolean {
  if (whole !== undefined) {
    if (!existsSync(join(root, whole.evidence)) || !showing.show(root)) return false;
    for (const name of whole.hidden) showing.cover(join(root, name), undefined);
    return true;
  }
  const shown = trees.map((tree) => showing.show(join(root, tree)));
  // a root that is a shelf holds directories that are trees of their own, or caches
  for (const shelf of shelves) showing.showEach(join(root, shelf), named, shelf === "." && trees.length > 0);
  return shown.includes(true) || shelves.some((shelf) => showing.hasIn(join(root, shelf)));
}

function pathEntries({ variables }: Context): readonly string[] {
  const entries = (variables["PATH"] ?? "").split(":").map((entry) => entry.replace(/(?<=.)\/+$/, ""));
  return [...new Set(entries)].filter((entry) => isAbsolute(entry)).slice(0, limits.pathEntries);
}

interface Search {
  readonly entries: readonly string[];
  readonly showing: Showing;
  readonly context: Context;
}

/** True where any of its programs is there, the system's too. */
function showByPath(toolchain: Toolchain, { entries, showing, context }: Search): boolean {
  let found = false;
  for (const variable of prefixVariables[toolchain]) {
    const prefix = context.variables[variable];
    if (prefix !== undefined && isAbsolute(prefix) && isInstallation(toolchain, prefix, "")) showing.show(prefix);
  }
  for (const entry of entries) {
    for (const name of programs[toolchain]) {
      const path = join(entry, name);
      if (lstatSync(path, { throwIfNoEntry: false }) === undefined) continue;
      // a workspace's own programs are there anyhow, and choose nothing else to be shown
      if (!isAround(context.around.workspace, path)) showProgram(toolchain, path, { showing, context });
      found ||= showing.covers(path) || showing.covers(realOf(path) ?? path);
    }
  }
  return found;
}

/** Its installation where it has one of its own, else the file alone. */
function showProgram(toolchain: Toolchain, path: string, { showing, context }: Omit<Search, "entries">): void {
  const real = realOf(path);
  if (real === undefined) return;
  // the environment it was found in, then the installation it is a link to
  for (const file of [path, real]) {
    const prefix = dirname(dirname(file));
    const own =
      isInstallation(toolchain, prefix, file) && exposes(realOf(prefix) ?? prefix, context.around) === undefined;
    if (!showing.covers(file) && own) showing.show(prefix);
  }
  // a directory that is there under its real name is found by that one
  if (!showing.covers(realOf(dirname(path)) ?? "/")) showing.show(path);
}

function isInstallation(toolchain: Toolchain, prefix: string, file: string): boolean {
  if (evidence[toolchain].some((name) => existsSync(join(prefix, name)))) return true;
  const name = basename(realOf(file) ?? file);
  return toolchain === "python" && /^python\d[\d.]*$/.test(name) && existsSync(join(prefix, "lib", name, "os.py"));
}

/** A directory that is there under another name keeps that one: a shell's own link to a version, say. */
function reachable(entries: readonly string[], showing: Showing): readonly string[] {
  const there = entries.flatMap((entry) => {
    if (showing.covers(entry) || showing.hasIn(entry)) return [entry];
    const real = realOf(entry);
    return real !== undefined && showing.covers(real) ? [real] : [];
  });
  return [...new Set(there)];
}

function coverCredentials({ root, installations = [] }: Used, showing: Showing): void {
  for (const pattern of installations)
    for (const prefix of expand(root, pattern.split("/")))
      for (const [name, text] of Object.entries(covered)) showing.cover(join(prefix, name), text);
}

/** Directories only, no link followed: what a link leads to is another row's, or covered as itself. */
function expand(root: string, [step, ...rest]: readonly string[]): readonly string[] {
  if (step === undefined) return [root];
  if (step === ".") return expand(root, rest);
  return (step === "*" ? namesIn(root) : [step])
    .map((name) => join(root, name))
    .filter((path) => lstatSync(path, { throwIfNoEntry: false })?.isDirectory() === true)
    .flatMap((path) => expand(path, rest));
}

function rootsOf(used: readonly Used[], { variables }: Context): Record<string, string> {
  const said = used.flatMap(({ variable, grows }) => {
    const value = variable === undefined || grows === true ? undefined : variables[variable];
    return variable === undefined || value === undefined ? [] : [[variable, value] as const];
  });
  return Object.fromEntries(said);
}

function variablesOf(wanted: readonly Toolchain[], showing: Showing, { variables }: Context): Record<string, string> {
  const prefixes = wanted
    .flatMap((toolchain) => prefixVariables[toolchain])
    .filter((name) => isAbsolute(variables[name] ?? "") && showing.covers(variables[name] ?? ""));
  const choices = wanted
    .flatMap((toolchain) => choosingVariables[toolchain])
    .filter((name) => /^[\w.+:-]{1,64}$/.test(variables[name] ?? ""));
  return Object.fromEntries([...prefixes, ...choices].map((name) => [name, variables[name] ?? ""]));
}

/** As node-gyp keeps them: a version at least this is not fetched again (its package.json, installVersion). */
const headersVersion = "99\n";

/** Headers of each Node in PATH where node-gyp looks for them, so that native modules are built without fetching any. */
function headers(searchPath: readonly string[], { home }: Context): readonly Shown[] {
  const versions = new Map<string, string>();
  for (const entry of searchPath) {
    const prefix = dirname(existsSync(join(entry, "node")) ? (realOf(entry) ?? "/") : "/");
    const headers = join(prefix, "include/node");
    const version = existsSync(join(headers, "node.h")) ? versionOf(prefix) : undefined;
    if (version !== undefined && !versions.has(version)) versions.set(version, headers);
  }
  return [...versions].flatMap(([version, from]) => {
    const at = join(home, ".cache/node-gyp", version);
    return [
      { kind: "read" as const, path: join(at, "include/node"), from },
      { kind: "text" as const, path: join(at, "installVersion"), text: headersVersion },
    ];
  });
}

/** By the directory's name, as managers give it; the system's by its header. */
function versionOf(prefix: string): string | undefined {
  const name = basename(prefix) === "installation" ? basename(dirname(prefix)) : basename(prefix);
  const [, named] = /^v?(\d+\.\d+\.\d+)$/.exec(name) ?? [];
  if (named !== undefined || !isSystem(prefix)) return named;
  const header = readFileSync(join(prefix, "include/node/node_version.h"), "utf8");
  const [major, minor, patch] = ["MAJOR", "MINOR", "PATCH"].map(
    (part) => new RegExp(`^#define NODE_${part}_VERSION (\\d+)$`, "m").exec(header)?.[1],
  );
  return major === undefined || minor === undefined || patch === undefined ? undefined : `${major}.${minor}.${patch}`;
}
