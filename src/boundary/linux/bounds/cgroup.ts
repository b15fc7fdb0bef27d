// A cgroup (version 2) for everything inside, where whoever runs this may make one: a bound on memory and on processes that
// counts all of them together, and a way to end them at once. In: where this process is in the hierarchy. Out: the group, or why
// there can be none. The group is made beside or above the one we are in, for one that holds processes hands nothing out to groups
// below it (cgroup-v2.rst, "No Internal Process Constraint"). We ourselves, the record with us, stay outside of it.

import { execFile } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { promisify } from "node:util";
import type { Reached } from "../../../domain/bound.ts";
import type { Amounts } from "../../contract.ts";
import { limits } from "../limits.ts";

export interface Cgroup {
  /** Whoever writes 0 into it is in the group from then on. */
  readonly procs: string;
  readonly bound: (amounts: Amount) => void;
  /** What the kernel counted. */
  readonly reached: () => readonly Reached[];
  /** Ends whatever is in it, and takes it away. */
  readonly end: () => Promise<void>;
}

type Amount = Pick<Amounts, "memory" | "processes">;

/** Why there is none. */
export interface Without {
  readonly seen: string;
}

export interface Standing {
  /** Of the hierarchy. */
  readonly mount: string;
  /** Ours, from there. */
  readonly path: string;
  /** What bounds it; tests try the rest of it where none of them is to be had. */
  readonly controllers?: readonly Controller[];
}

type Controller = (typeof wanted)[number];

export const endGroup = async (group: Cgroup | Without): Promise<void> => ("end" in group ? group.end() : undefined);

const run = promisify(execFile);
const enter = 'echo 0 >"$1"';
const prefix = "postern-";
const wanted = ["memory", "pids"] as const;

/** `sh`: tries the way in once, before anybody counts on it. */
export async function openCgroup(amounts: Amount, sh: string, standing = readStanding()): Promise<Cgroup | Without> {
  if (standing === undefined) return { seen: "no cgroup hierarchy of version 2 is mounted here" };
  const { controllers = wanted } = standing;
  let seen = "whoever runs this may make no group in it";
  for (const parent of parentsOf(standing)) {
    const refused = handsOut(parent, controllers);
    if (refused !== undefined) {
      seen = refused;
      continue;
    }
    clearAbandoned(parent);
    const made = await makeIn(parent, sh, (group, to = amounts) =>
      bound(group, within(standing, parent, to), controllers),
    );
    if (made !== undefined) return made;
  }
  return { seen };
}

/** The nearest first. At the very top processes may stand beside groups, if it is the machine's own. */
function parentsOf({ mount, path }: Standing): readonly string[] {
  const parents: string[] = [];
  for (let at = path; at !== "/"; at = dirname(at)) parents.push(join(mount, dirname(at)));
  return path === "/" ? [mount] : parents;
}

/** Undefined where groups below it have the controllers, or have them now. */
function handsOut(parent: string, controllers: readonly Controller[]): string | undefined {
  try {
    const offered = readWords(join(parent, "cgroup.controllers"));
    const missing = controllers.filter((name) => !offered.includes(name));
    if (missing.length > 0) return `${parent} has no controller for ${missing.join(" and ")}`;
    const given = readWords(join(parent, "cgroup.subtree_control"));
    const more = controllers.filter((name) => !given.includes(name));
    if (more.length > 0)
      writeFileSync(join(parent, "cgroup.subtree_control"), more.map((name) => `+${name}`).join(" "));
    return undefined;
  } catch {
    return `whoever runs this may make no group below ${parent}`;
  }
}

type Bounding = (group: string, to?: Amount) => void;

async function makeIn(parent: string, sh: string, bound: Bounding): Promise<Cgroup | undefined> {
  const group = join(parent, `${prefix}${process.pid}-${Math.random().toString(36).slice(2, 10)}`);
  try {
    mkdirSync(group);
  } catch {
    return undefined;
  }
  try {
    bound(group);
    const procs = join(group, "cgroup.procs");
    await run(sh, ["-c", enter, "sh", procs], { env: {} });
    return { procs, bound: (other) => bound(group, other), reached: () => readReached(group), end: () => end(group) };
  } catch {
    await end(group);
    return undefined;
  }
}

/** Never more than what stood around us had: the groups between, which the inside is led out of, bound it no longer. */
function within({ mount, path }: Standing, parent: string, { memory, processes }: Amount): Amount {
  const left: string[] = [];
  for (let at = join(mount, path); at !== parent && at.length > parent.length; at = dirname(at)) left.push(at);
  const least = (file: string, own: number): number =>
    Math.min(own, ...left.map((group) => readAmount(join(group, file))));
  return { memory: least("memory.max", memory), processes: least("pids.max", processes) };
}

/** `max` and what cannot be read bound nothing: a group without that controller. */
function readAmount(file: string): number {
  try {
    const said = readFileSync(file, "utf8").trim();
    return /^\d+$/.test(said) ? Number(said) : Number.POSITIVE_INFINITY;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}

function bound(group: string, { memory, processes }: Amount, controllers: readonly Controller[]): void {
  if (controllers.includes("pids")) writeFileSync(join(group, "pids.max"), String(processes));
  if (!controllers.includes("memory")) return;
  writeFileSync(join(group, "memory.max"), String(memory));
  // else what does not fit goes to the disk, and the machine crawls instead; not every kernel counts swap
  if (readdirSync(group).includes("memory.swap.max")) writeFileSync(join(group, "memory.swap.max"), "0");
}

/** cgroup-v2.rst: `oom_kill` of memory.events, `max` of pids.events. */
function readReached(group: string): readonly Reached[] {
  const count = (file: string, name: string): number =>
    Number(new RegExp(`^${name} (\\d+)$`, "m").exec(readFileSync(join(group, file), "utf8"))?.[1] ?? 0);
  const found: readonly Reached[] = [
    { bound: "memory", times: count("memory.events", "oom_kill") },
    { bound: "processes", times: count("pids.events", "max") },
  ];
  return found.filter(({ times }) => times > 0);
}

async function end(group: string): Promise<void> {
  try {
    // Linux 5.14; before, its process namespace ends them as well
    writeFileSync(join(group, "cgroup.kill"), "1");
  } catch {
    // gone, or too old a kernel
  }
  for (let waited = 0; waited < limits.goneMs; waited += 10) {
    try {
      return rmdirSync(group);
    } catch (error) {
      if (error instanceof Error && "code" in error && error.code === "ENOENT") return;
      await pause(10);
    }
  }
}

/** Of sessions that were killed before they could: empty now, for nothing outlives its session. */
function clearAbandoned(parent: string): void {
  for (const name of readdirSync(parent)) {
    const owner = new RegExp(`^${prefix}(\\d+)-`).exec(name)?.[1];
    if (owner === undefined || isAlive(Number(owner))) continue;
    try {
      rmdirSync(join(parent, name));
    } catch {
      // not empty, or somebody else's
    }
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

const readWords = (file: string): readonly string[] => readFileSync(file, "utf8").trim().split(/\s+/);

/** /proc/self/mountinfo (proc(5)): the hierarchy as a whole, not a part of it bound elsewhere. */
export function readStanding(): Standing | undefined {
  const mount = readFileSync("/proc/self/mountinfo", "utf8")
    .split("\n")
    .map((line) => line.split(" "))
    .find((fields) => fields[fields.indexOf("-") + 1] === "cgroup2" && fields[3] === "/")?.[4];
  const path = /^0::(\/.*)$/m.exec(readFileSync("/proc/self/cgroup", "utf8"))?.[1];
  return mount === undefined || path === undefined ? undefined : { mount, path };
}
