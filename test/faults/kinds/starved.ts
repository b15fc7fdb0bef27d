// A running part is left without descriptors, memory or room in files, by its own limits (prlimit(1)) from one moment on.

import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { become } from "../../../src/boundary/linux/covered-room.ts";
import { type Blow, type Kind, pause, type Scene, signal } from "../kind.ts";

/** As whoever it belongs to: to change another user's takes a right that root in a container lacks. */
function limit(pid: number | undefined, ...words: readonly string[]): boolean {
  if (pid === undefined) return false;
  const owner = statSync(`/proc/${pid}`, { throwIfNoEntry: false })?.uid;
  const by = owner === undefined || owner === process.getuid?.() ? [] : become(owner);
  const [program = "", ...rest] = [...by, "prlimit", "--pid", String(pid), ...words];
  return spawnSync(program, rest).status === 0;
}

/** Bytes of address space a process has now. */
function addressSpace(pid: number): number {
  return Number(/^VmSize:\s*(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) * 1024;
}

const openAtMost = (pid: number): string =>
  /^Max open files\s+\d+\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/limits`, "utf8"))?.[1] ?? "1024";

const open = (pid: number): number => readdirSync(`/proc/${pid}/fd`).length;

/** Milliseconds until whoever has not begun by then is looked at. */
const settling = 15_000;

/** Clock ticks (10 ms) that Node takes before the first line of its program, and more. */
const own = 3;

/**
 * It was struck before it began: it works, or it has ended closed. Node itself waits for ever for a thread of its own that
 * could not be started, before it reads any program: seen of the command line and of the tool. That one is ended from outside.
 */
async function untilSettled(scene: Scene): Promise<Blow> {
  const { over, ready, find } = scene;
  const blow = { ending: "goes on", codes: [0, 124, 125, 132, 133, 134, 139], unwritable: true } as const;
  for (const since = performance.now(); performance.now() - since < settling; await pause(20))
    if (over() || ready()) return blow;
  const still = (await Promise.race([find("tool"), pause(1_000)])) ?? scene.cli;
  if (!hasNotBegun(still)) return blow;
  signal(still, "SIGKILL");
  return { ...blow, codes: [137] };
}

/** By the time it has had of a processor (proc_pid_stat(5)). */
function hasNotBegun(pid: number): boolean {
  try {
    const [, , ...fields] = readFileSync(`/proc/${pid}/stat`, "utf8")
      .replace(/\(.*\)/, "name")
      .split(" ");
    return Number(fields[11]) + Number(fields[12]) <= own;
  } catch {
    // it has just ended
    return false;
  }
}

export const starved: readonly Kind[] = [
  {
    name: "command line has no descriptors left, and later has",
    working: true,
    strike: async ({ cli, over, chance }) => {
      const hardLimit = openAtMost(cli);
      if (over() || !limit(cli, `--nofile=${open(cli)}:`)) return undefined;
      await new Promise((resolve) => setTimeout(resolve, 100 + chance(400)));
      limit(cli, `--nofile=${hardLimit}:`);
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
  {
    name: "the user's number of processes is reached while it starts",
    // the real root has no such bound
    ordinary: true,
    starting: true,
    strike: async ({ cli, over }) =>
      !over() && limit(cli, "--nproc=1:1") ? { ending: "goes on", codes: [0, 124, 134], unwritable: true } : undefined,
  },
  ...[8, 14, 20, 26, 32, 40].map(
    (most): Kind => ({
      name: `the user may have ${most} processes and threads`,
      ordinary: true,
      starting: true,
      seldom: 3,
      before: ["prlimit", `--nproc=${most}:${most}`],
      strike: untilSettled,
    }),
  ),
  ...[1_200, 1_600, 2_400].map(
    (most): Kind => ({
      name: `all of it may have ${most} MiB of addresses each`,
      starting: true,
      seldom: 3,
      before: ["prlimit", `--as=${most * 2 ** 20}`],
      strike: untilSettled,
    }),
  ),
  {
    name: "the tool takes memory",
    working: true,
    hungry: 1_024,
    strike: async ({ chance }) => {
      await pause(chance(1_500));
      return { ending: "goes on" };
    },
  },
];
