// A socket's inode in, the process inside that holds it out. Only the sandbox's own descendants are walked
// (`/proc/<pid>/task/*/children`, proc(5)), those that owned a socket lately first. What the process says of itself
// (executable, arguments) is *attacker-controlled*.

import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { setImmediate } from "node:timers/promises";
import type { Attribution } from "../../../domain/exchange.ts";
import { limits } from "../limits.ts";

/** Yields to the event loop after so many processes. */
const stride = 32;

export interface Owners {
  readonly find: (inode: number) => Promise<Attribution>;
}

/** `root` is the helper; `proc` is another tree in tests. */
export function openOwners(root: number, proc = "/proc"): Owners {
  let recent: readonly number[] = [];
  /** Of those that owned one lately: the descriptor it was. */
  const places = new Map<number, number>();
  return {
    find: async (inode) => {
      if (inode <= 0) return { kind: "gone" };
      const known = recent.find((pid) => holds(proc, pid, { inode, places }));
      // described in the same breath: the answer that follows may be all the process waits for before it ends
      const owner = known === undefined ? await search(proc, root, { inode, places }) : describe(proc, known);
      if (owner.kind === "gone") return owner;
      recent = [owner.pid, ...recent.filter((other) => other !== owner.pid)].slice(0, limits.recentOwners);
      for (const pid of places.keys()) if (!recent.includes(pid)) places.delete(pid);
      return owner;
    },
  };
}

interface Wanted {
  readonly inode: number;
  /** Process → descriptor at which the last one was. */
  readonly places: Map<number, number>;
}

async function search(proc: string, top: number, wanted: Wanted): Promise<Attribution> {
  const seen = new Set<number>([top]);
  let visited = 0;
  for (const pid of seen) {
    if (holds(proc, pid, wanted)) return describe(proc, pid);
    for (const child of childrenOf(proc, pid)) if (seen.size < limits.processes) seen.add(child);
    visited += 1;
    if (visited % stride === 0) await setImmediate();
  }
  return { kind: "gone" };
}

/** Direct children of every thread of a process; empty where it is gone. */
export function childrenOf(proc: string, pid: number): readonly number[] {
  return list(`${proc}/${pid}/task`).flatMap((thread) =>
    (read(`${proc}/${pid}/task/${thread}/children`) ?? "").split(" ").filter(Boolean).map(Number),
  );
}

/**
 * A process that opens many has the next one beside the last, or highest of all: so thousands of descriptors are not read
 * for each connection.
 */
function holds(proc: string, pid: number, { inode, places }: Wanted): boolean {
  const wanted = `socket:[${inode}]`;
  const folder = `${proc}/${pid}/fd`;
  const last = places.get(pid);
  const near = last === undefined ? [] : [last, last + 1, last + 2, last - 1];
  const isIt = (name: number | string): boolean => link(`${folder}/${name}`) === wanted;
  const found = near.find(isIt) ?? list(folder).slice(-limits.descriptors).toReversed().find(isIt);
  if (found === undefined) return false;
  places.set(pid, Number(found));
  return true;
}

function describe(proc: string, pid: number): Attribution {
  const status = read(`${proc}/${pid}/status`);
  const executable = link(`${proc}/${pid}/exe`);
  const line = read(`${proc}/${pid}/cmdline`);
  if (status === undefined || executable === undefined || line === undefined) return { kind: "gone" };
  return {
    kind: "process",
    pid,
    insidePid: parseInsidePid(status) ?? pid,
    executable,
    arguments: parseArguments(line),
  };
}

/** Last number of `NSpid:`: the id in the innermost namespace. */
export function parseInsidePid(status: string): number | undefined {
  const pid = /^NSpid:(?:\t\d+)*\t(\d+)$/m.exec(status)?.[1];
  return pid === undefined ? undefined : Number(pid);
}

export function parseArguments(line: string): readonly string[] {
  const kept = line.slice(0, limits.argumentBytes);
  return (kept.endsWith("\0") ? kept.slice(0, -1) : kept).split("\0").slice(0, limits.argumentCount);
}

function list(path: string): readonly string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

/** Undefined where it cannot be. */
export function read(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

/** Where a link leads; undefined where it cannot be read. */
export function link(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}
