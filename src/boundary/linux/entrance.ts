// Which way the helper comes into its namespaces, and which /proc it will see there. Out: the command that leads in.

import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { findCovers } from "./covers.ts";
import type { Programs } from "./programs.ts";

export interface Entrance {
  readonly command: readonly [string, ...string[]];
  /** `fresh`: of its own process namespace. `outer`: this system's, because the kernel gives it no other. */
  readonly proc: Proc;
}

export type Proc = "fresh" | "outer";

const spaces = ["--mount", "--net", "--pid", "--fork", "--kill-child"];
const run = promisify(execFile);

/** Where /proc is covered each way is tried; elsewhere the usual one is taken, and tried by being taken. */
export async function chooseEntrance(programs: Pick<Programs, "unshare">): Promise<Entrance> {
  const usual = throughUser(programs, "fresh");
  if (findCovers().length === 0) return usual;
  for (const entrance of [withoutUser(programs), usual]) if (await leadsIn(entrance)) return entrance;
  return throughUser(programs, "outer");
}

/**
 * In two steps: the network's files under /proc belong to who is root in its user namespace at its making, so that one must
 * be mapped before, or an ordinary user cannot read the connection table.
 */
function throughUser({ unshare }: Pick<Programs, "unshare">, proc: Proc): Entrance {
  const mounted = proc === "fresh" ? ["--mount-proc"] : [];
  return { command: [unshare, "--user", "--map-root-user", "--", unshare, ...spaces, ...mounted, "--"], proc };
}

/**
 * Root needs no user namespace to own the others, and gets a fresh /proc that way wherever it may mount; what runs inside
 * gets one from bubblewrap all the same, without a capability outside it.
 */
function withoutUser({ unshare }: Pick<Programs, "unshare">): Entrance {
  return { command: [unshare, "--propagation", "private", ...spaces, "--mount-proc", "--"], proc: "fresh" };
}

async function leadsIn({ command: [program, ...flags] }: Entrance): Promise<boolean> {
  try {
    await run(program, [...flags, "true"], { env: {} });
    return true;
  } catch {
    return false;
  }
}
