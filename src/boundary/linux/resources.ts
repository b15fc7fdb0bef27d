// The tool's resource limits as arguments for prlimit(1): ours, or the caller's hard limit where that is lower.

import { resources } from "./limits.ts";

const names: Readonly<Record<keyof typeof resources, string>> = {
  core: "Max core file size",
  nofile: "Max open files",
  nproc: "Max processes",
  memlock: "Max locked memory",
  msgqueue: "Max msgqueue size",
};

/** `table` is /proc/self/limits, proc(5). */
export function writeLimits(table: string): readonly string[] {
  return Object.entries(resources).map(([name, ours]) => {
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
