// The layers' `files.write` and `files.read` → absolute paths, and `files.toolchains` → their names; never over Postern's own files, never beyond the limits.
// Without a word from organisation or user the workspace is writable and nothing else is there. `files.hide` and `files.mask`
// only narrow, so every layer's globs count, an untrusted repository's too.

import { resolve } from "node:path";
import { avoid, avoidUnplaced, beyond, enrol, type Joining } from "./joining.ts";
import type { Policy, Toolchain } from "./policy.ts";
import { absolute, isWithin } from "./way.ts";

type Kind = "write" | "read";
type RuleKind = Kind | "hide" | "mask";

export async function joinFiles(joining: Joining): Promise<Policy["files"]> {
  const { granting } = joining;
  const silent = granting.every(
    (layer) => layer.kind === "repository" || layer.parsed.value.files?.write === undefined,
  );
  const write = [...(silent ? await workspaceItself(joining) : []), ...(await joinPaths(joining, "write"))];
  const read = await joinPaths(joining, "read");
  const toolchains = joinToolchains(joining);
  const [hide, mask] = [joinGlobs(joining, "hide"), joinGlobs(joining, "mask")];
  return {
    write: unique(write.map(({ path }) => path)),
    read: unique(read.map(({ path }) => path)),
    hide: unique(hide.map(({ path }) => path)),
    mask: unique(mask.map(({ path }) => path)),
    toolchains: [...new Set(toolchains.map(({ name }) => name))],
    rules: {
      ...rulesOf("write", write),
      ...rulesOf("read", read),
      ...rulesOf("hide", hide),
      ...rulesOf("mask", mask),
      ...namesOf(toolchains),
    },
  };
}

/** `path`: the glob, as it is written. */
function joinGlobs(joining: Joining, kind: "hide" | "mask"): Joined[] {
  return joining.layers.flatMap((layer) =>
    (layer.parsed.value.files?.[kind] ?? []).map((path, index) => ({
      path,
      rule: enrol(joining, layer, ["files", kind, index]),
    })),
  );
}

interface Named {
  readonly name: Toolchain;
  readonly rule: string;
}

/** They lie wherever they lie: where the organisation says what may be read, it says which of them may be, too. */
function joinToolchains(joining: Joining): Named[] {
  const { granting, layers } = joining;
  const bound = layers.find(({ kind, parsed }) => kind === "organisation" && parsed.value.limits?.files?.read);
  const allowed = bound?.parsed.value.files?.toolchains ?? [];
  return granting.flatMap((layer) =>
    (layer.parsed.value.files?.toolchains ?? []).flatMap((name, index) => {
      const path = ["files", "toolchains", index];
      if (bound === undefined || allowed.includes(name)) return [{ name, rule: enrol(joining, layer, path) }];
      avoid(joining, layer, { path, message: "is beyond the files the organisation allows", hint: beyond });
      return [];
    }),
  );
}

function namesOf(named: readonly Named[]): Record<string, string> {
  return Object.fromEntries(named.toReversed().map(({ name, rule }) => [`toolchains:${name}`, rule]));
}

interface Joined {
  readonly path: string;
  readonly rule: string;
}

/** The first layer to grant a path is the one that is named for it. */
function rulesOf(kind: RuleKind, joined: readonly Joined[]): Record<string, string> {
  return Object.fromEntries(joined.toReversed().map(({ path, rule }) => [`${kind}:${path}`, rule]));
}

function unique(texts: readonly string[]): string[] {
  return [...new Set(texts)];
}

async function joinPaths(joining: Joining, kind: Kind): Promise<Joined[]> {
  const { workspace, home } = joining.sources;
  const joined: Joined[] = [];
  for (const layer of joining.granting) {
    for (const [index, text] of (layer.parsed.value.files?.[kind] ?? []).entries()) {
      const path = absolute(text, workspace, home);
      const wide = await joining.ceiling.path(kind, path);
      const place = ["files", kind, index];
      if (wide === undefined) joined.push({ path, rule: enrol(joining, layer, place) });
      else avoid(joining, layer, { path: place, message: wide, hint: "name something narrower", about: path });
    }
  }
  return joined;
}

async function workspaceItself(joining: Joining): Promise<Joined[]> {
  const workspace = resolve(joining.sources.workspace);
  const wide = await joining.ceiling.path("write", workspace);
  if (wide === undefined) return [{ path: workspace, rule: "default" }];
  const hint = wide.includes("organisation") ? beyond : "run in the project's own directory";
  avoidUnplaced(joining, "default:files.write", { file: workspace, message: `the workspace ${wide}`, hint });
  return [];
}

/** Does what is granted already hold this path? */
export function isGranted(files: Policy["files"], kind: Kind, path: string): boolean {
  const holders = kind === "write" ? files.write : [...files.write, ...files.read];
  return holders.some((holder) => isWithin(path, holder));
}
