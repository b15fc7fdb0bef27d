// One round: a session whose tool asks the vendor without pause, SIGKILL to one of our processes at a random point, and
// what is left then. The process that plays rounds adopts every orphan below it, so that nothing can hide: what still
// runs is among its own descendants.

import { readdirSync, readFileSync } from "node:fs";
import koffi from "koffi";
import { type Holds, type Invalid } from "../../src/ledger/verification.ts";
import { verify } from "../../src/ledger/verify.ts";
import { asker, type Stage, until } from "./fault-stage.ts";

export const targets = ["cli", "unshare", "helper", "bubblewrap", "bubblewrap inside"] as const;
export type Target = (typeof targets)[number];

export interface Round {
  readonly target: Target;
  /** Milliseconds from the start (cli) or from when the process was first seen. */
  readonly after: number;
  /** False where the session had ended before. */
  readonly killed: boolean;
  readonly code: number;
  /** Requests of this round that reached the vendor. */
  readonly seen: number;
  readonly errors: string;
  readonly verified: Holds | Invalid;
}

/** PR_SET_CHILD_SUBREAPER, prctl(2): orphans below this process become its children. */
export function adoptOrphans(): void {
  const prctl = koffi.load("libc.so.6").func("int prctl(int, ulong, ulong, ulong, ulong)");
  if (prctl(36, 1, 0, 0, 0) !== 0) throw new Error("this process cannot adopt orphans");
}

/** mulberry32: a seed, so that a round can be played again as far as clocks allow. */
export function openChance(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

export async function playRound(stage: Stage, tag: string, target: Target, after: number): Promise<Round> {
  const before = stage.seen.length;
  const running = stage.start(["run", "--policy", stage.policy, "--", ...asker(tag, 1_000_000)]);
  let over = false;
  void running.told.then(() => (over = true));
  let pid: number | undefined;
  await until(`${target} is there`, () => over || (pid = find(running.pid, target)) !== undefined);
  await new Promise((resolve) => setTimeout(resolve, after));
  const killed = !over && pid !== undefined && kill(pid);
  // a round that missed its target is ended all the same
  if (!killed && !over) running.child.kill("SIGKILL");
  const { code, errors } = await running.told;
  await until("nothing is left running", () => descendants(process.pid).length === 0);
  return { target, after, killed, code, seen: stage.seen.length - before, errors, verified: await check(stage) };
}

/** A kill before the record was begun leaves none. */
async function check(stage: Stage): Promise<Holds | Invalid> {
  return verify(stage.state, {});
}

function kill(pid: number): boolean {
  try {
    return process.kill(pid, "SIGKILL");
  } catch {
    return false;
  }
}

interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly words: readonly string[];
}

/** The process of ours below the command line. */
function find(cli: number, target: Target): number | undefined {
  if (target === "cli") return cli;
  const below = descendants(cli);
  const bubblewraps = below.filter(({ words }) => words[0]?.endsWith("/bwrap"));
  const inner = bubblewraps.find(({ parent }) => bubblewraps.some(({ pid }) => pid === parent));
  switch (target) {
    case "unshare":
      return below.find(({ words }) => words[0]?.endsWith("/unshare"))?.pid;
    case "helper":
      return below.find(({ words }) => words.some((word) => /boundary.*helper\.[jt]s$/.test(word)) && !words[0]?.endsWith("/unshare"))?.pid;
    case "bubblewrap":
      return bubblewraps.find(({ pid }) => pid !== inner?.pid)?.pid;
    case "bubblewrap inside":
      return inner?.pid;
  }
}

/** Everything below a process that has not ended. */
export function descendants(root: number): readonly Process[] {
  const all = listProcesses();
  const found: Process[] = [];
  for (let layer = [root]; layer.length > 0; ) {
    const next = all.filter(({ parent }) => layer.includes(parent));
    found.push(...next);
    layer = next.map(({ pid }) => pid);
  }
  return found;
}

function listProcesses(): readonly Process[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => readProcess(Number(name)) ?? []);
}

/** Undefined where it is gone, or has ended and only waits to be collected. */
function readProcess(pid: number): Process | undefined {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)?.split(" ") ?? [];
    if (fields[0] === "Z" || fields[0] === "X") return undefined;
    const words = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
    return { pid, parent: Number(fields[1]), words };
  } catch {
    return undefined;
  }
}
