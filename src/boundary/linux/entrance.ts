// Which way the helper comes into its namespaces, and which /proc it will see there. Out: the command that leads in.

import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { findCovers } from "./covers.ts";
import { limits } from "./limits.ts";
import type { Programs } from "./programs.ts";

export interface Entrance {
  readonly command: readonly [string, ...string[]];
  /** `fresh`: of its own process namespace. `outer`: this system's, because the kernel gives it no other. */
  readonly proc: Proc;
}

export type Proc = "fresh" | "outer";

/**
 * The kernel keeps the connections of all namespaces in one table, and walks the whole of it to show those of one: milliseconds
 * for each connection whose process is asked for. A network namespace made in another one can have a small table of its own
 * (tcp_child_ehash_entries, ip-sysctl; Linux 6.1); where it cannot, looking takes as long as before.
 */
const ownTable = `echo ${limits.connectionBuckets} 2>/dev/null >/proc/sys/net/ipv4/tcp_child_ehash_entries; exec "$@"`;
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
  const within = ["--net", "--", "/bin/sh", "-c", ownTable, "sh", unshare, ...spaces, ...mounted, "--"];
  return { command: [unshare, "--user", "--map-root-user", ...within], proc };
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
