// A running part is left without descriptors, memory or room in files, by its own limits (prlimit(1)) from one moment on.

import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { type Kind, signal } from "../kind.ts";

function limit(pid: number | undefined, ...words: readonly string[]): boolean {
  return pid !== undefined && spawnSync("prlimit", ["--pid", String(pid), ...words]).status === 0;
}

/** Bytes of address space a process has now. */
function addressSpace(pid: number): number {
  return Number(/^VmSize:\s*(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) * 1024;
}

const open = (pid: number): number => readdirSync(`/proc/${pid}/fd`).length;

export const starved: readonly Kind[] = [
  {
    name: "command line has no descriptors left, and later has",
    working: true,
    strike: async ({ cli, over, chance }) => {
      if (over() || !limit(cli, `--nofile=${open(cli)}`)) return undefined;
      await new Promise((resolve) => setTimeout(resolve, 100 + chance(400)));
      limit(cli, "--nofile=65536");
      // what needed one in between may have been the record
      return { ending: "goes on", codes: [0, 124], unwritable: true };
    },
  },
  {
    name: "command line has no descriptors left, and is ended",
    working: true,
    strike: async ({ cli, over, chance }) => {
      if (over() || !limit(cli, `--nofile=${open(cli) - chance(3)}`)) return undefined;
      await new Promise((resolve) => setTimeout(resolve, 100 + chance(400)));
      signal(cli, "SIGUSR2");
      return { ending: "closes", codes: [124], unwritable: true };
    },
  },
  {
    name: "helper has no descriptors left",
    working: true,
    strike: async ({ find }) => {
      const helper = await find("helper");
      if (helper === undefined || !limit(helper, `--nofile=${open(helper)}`)) return undefined;
      return { ending: "goes on", codes: [0, 124] };
    },
  },
  {
    name: "command line has no memory left",
    working: true,
    strike: async ({ cli, over, chance }) =>
      !over() && limit(cli, `--as=${addressSpace(cli) + chance(4) * 2 ** 20}`)
        ? { ending: "goes on", codes: [0, 124, 132, 133, 134, 137, 139], unwritable: true }
        : undefined,
  },
  {
    name: "helper has no memory left",
    working: true,
    strike: async ({ find, chance }) => {
      const helper = await find("helper");
      const more = chance(4) * 2 ** 20;
      return helper !== undefined && limit(helper, `--as=${addressSpace(helper) + more}`)
        ? { ending: "goes on", codes: [0, 124] }
        : undefined;
    },
  },
  {
    name: "command line may write no larger files",
    strike: async ({ cli }) =>
      limit(cli, "--fsize=65536") ? { ending: "closes", codes: [124, 153], unwritable: true } : undefined,
  },
];
