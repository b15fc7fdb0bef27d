// The tool's resource limits as arguments for prlimit(1): ours, or the caller's hard limit where that is lower. Before them, its
// way into its cgroup, and to the front of those that are ended when the machine runs out of memory.

import { readFileSync } from "node:fs";
import type { Amounts } from "../contract.ts";
import { limits, resources } from "./limits.ts";
import type { Programs } from "./programs.ts";

/** Where the group is not to be entered, nothing begins. Raising the score is anybody's right (proc(5)). */
const enter = `
[ -z "$1" ] || echo 0 >"$1" || exit 1
echo "$2" 2>/dev/null >/proc/self/oom_score_adj
shift 2
exec "$@"`;

export interface Bounding {
  readonly amounts: Pick<Amounts, "processes">;
  /** Of the cgroup, where there is one. */
  readonly procs: string | undefined;
}

/** The words before bubblewrap. */
export function writeBounds({ sh, prlimit }: Programs, { amounts, procs = "" }: Bounding): readonly string[] {
  const table = readFileSync("/proc/self/limits", "utf8");
  const score = String(limits.endedFirst);
  const wanted = { ...resources, nproc: amounts.processes };
  return [sh, "-c", enter, "sh", procs, score, prlimit, ...writeLimits(table, wanted), "--"];
}

type Amount = Readonly<Record<keyof typeof resources, number>>;

const names: Readonly<Record<keyof typeof resources, string>> = {
  core: "Max core file size",
  nofile: "Max open files",
  nproc: "Max processes",
  memlock: "Max locked memory",
  msgqueue: "Max msgqueue size",
};

/** `table` is /proc/self/limits, proc(5). */
export function writeLimits(table: string, wanted: Amount): readonly string[] {
  return Object.entries(wanted).map(([name, ours]) => {
    const value = Math.min(ours, parseHard(table, name));
    return `--${name}=${value}:${value}`;
  });
}

/** The hard limit; infinite where it is, and 0 where the line cannot be read. */
function parseHard(table: string, name: string): number {
  const title = Object.entries(names).find(([known]) => known === name)?.[1] ?? "";
  const line = table.split("\n").find((candidate) => candidate.startsWith(`${title} `));
  const hard = line?.slice(title.length).trim().split(/\s+/)[1];
  if (hard === "unlimited") return Number.POSITIVE_INFINITY;
  return hard !== undefined && /^\d+$/.test(hard) ? Number(hard) : 0;
}
