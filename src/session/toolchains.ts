// The toolchains a policy names, for one session: what of the host's is shown, and Postern's own caches at their usual
// places. What enters: the policy and the caller's surroundings. What is told: a toolchain that is not here.

import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Mount } from "../boundary/contract.ts";
import { cachesOf, cacheVariables } from "../inventory/toolchains/caches.ts";
import { findToolchains, type Toolchains } from "../inventory/toolchains/find.ts";
import type { Toolchain } from "../policy/policy.ts";
import { markUsed } from "./cache-bound.ts";
import type { RunRequest } from "./request.ts";
import type { State } from "./state.ts";

export interface Equipment {
  readonly toolchains: readonly Toolchain[];
  /** Caches first: what is shown of the host may lie in one. */
  readonly mounts: readonly Mount[];
  /** Undefined where no toolchain is named: PATH is as it always is. */
  readonly searchPath: readonly string[] | undefined;
  readonly environment: Readonly<Record<string, string>>;
  /** Of the host, as it is shown. */
  readonly shown: readonly string[];
}

/** Nothing of the host is shown. */
export const none: Equipment = { toolchains: [], mounts: [], searchPath: undefined, environment: {}, shown: [] };

export interface Equipping {
  readonly request: Pick<RunRequest, "environment" | "person" | "tell" | "now">;
  readonly state: Pick<State, "caches">;
  readonly workspace: string;
}

/** Makes the caches where they are missing. */
export function equip(wanted: readonly Toolchain[], { request, state, workspace }: Equipping): Equipment {
  if (wanted.length === 0) return none;
  const { home } = request.person;
  const found = findToolchains(wanted, { home, workspace, variables: request.environment });
  tell(found, request);
  const caches = cachesOf(wanted).map(({ name, path, isFile }): Mount => {
    const from = join(state.caches, name);
    make(from, isFile === true);
    if (isFile !== true) markUsed(from, request.now);
    return { kind: "write", path: join(home, path), from, ...(isFile === true ? {} : { ours: true }) };
  });
  return {
    toolchains: wanted,
    mounts: [...caches, ...found.mounts],
    searchPath: found.searchPath,
    environment: { ...found.environment, ...cacheVariables(wanted, home) },
    shown: found.mounts.flatMap((mount) => (mount.kind === "read" ? [mount.path] : [])),
  };
}

function tell({ missing, withheld }: Toolchains, { tell }: Equipping["request"]): void {
  for (const toolchain of missing)
    tell({
      kind: "warning",
      text: `files.toolchains: no ${toolchain} is found here, in PATH or where its managers keep it`,
    });
  for (const { path, why } of withheld)
    tell({ kind: "warning", text: `files.toolchains: ${path} is not shown: ${why}` });
}

function make(place: string, isFile: boolean): void {
  mkdirSync(isFile ? dirname(place) : place, { recursive: true, mode: 0o700 });
  if (isFile) writeFileSync(place, "", { flag: "a", mode: 0o600 });
}
