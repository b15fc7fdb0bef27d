// One round: a session whose tool asks the vendor without pause, SIGKILL to one of our processes at a random point, and
// what is left then. The process that plays rounds adopts every orphan below it, so that nothing can hide: what still
// runs is among its own descendants.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import koffi from "koffi";
import { verify } from "../../src/ledger/verify.ts";
import { asker, type Stage, until } from "./fault-stage.ts";

export { openChance } from "./chance.ts";

export const targets = ["cli", "unshare", "helper", "bubblewrap", "bubblewrap inside"] as const;
export type Target = (typeof targets)[number];

export type Moment =
  /** From the start (cli), or from when the process was first seen. */
  | { readonly kind: "after"; readonly milliseconds: number }
  /** When the vendor has seen so many requests of the round. */
  | { readonly kind: "asked"; readonly requests: number };

export interface Order {
  readonly tag: string;
  readonly target: Target;
  readonly moment: Moment;
}

export interface Round extends Order {
  /** False where the process had ended before. */
  readonly killed: boolean;
  /** Of the command line, 137 where it was the one killed. */
  readonly code: number;
  /** Requests that reached the vendor. */
  readonly seen: number;
  /** Processes still running when the wait for their end was given up. */
  readonly left: number;
  /** `ok`, `none` where there was no record yet, else what is wrong. */
  readonly verified: string;
  readonly errors: string;
}

/** PR_SET_CHILD_SUBREAPER, prctl(2): orphans below this process become its children. */
export function adoptOrphans(): void {
  const prctl = koffi.load("libc.so.6").func("int prctl(int, ulong, ulong, ulong, ulong)");
  if (prctl(36, 1, 0, 0, 0) !== 0) throw new Error("this process cannot adopt orphans");
}

/** One in two while it is being built, one in two in the middle of its work. */
export function drawMoment(chance: (below: number) => number): Moment {
  return chance(2) === 0 ? { kind: "after", milliseconds: chance(700) } : { kind: "asked", requests: 1 + chance(40) };
}

/** The caller has adopted orphans, and has no other children meanwhile. */
export async function playRound(stage: Stage, order: Order): Promise<Round> {
  const { tag, target, moment } = order;
  const before = stage.seen.length;
  const running = stage.start(["run", "--policy", stage.policy, "--", ...asker(tag, 1_000_000)]);
  let over = false;
  void running.told.then(() => (over = true));
  let pid: number | undefined;
  await until(`${target} is there`, () => {
    pid = find(running.pid, target);
    return over || pid !== undefined;
  });
  if (moment.kind === "after") await new Promise((resolve) => setTimeout(resolve, moment.milliseconds));
  else await until("the vendor was asked", () => over || stage.seen.length - before >= moment.requests);
  const killed = !over && pid !== undefined && kill(pid);
  // a round that missed its target is ended all the same
  if (!killed && !over) running.child.kill("SIGKILL");
  const { code, errors } = await running.told;
  await until("nothing is left running", () => descendants(process.pid).length === 0).catch(() => undefined);
  const left = descendants(process.pid);
  for (const { pid } of left) kill(pid);
  const [seen, verified] = [stage.seen.length - before, await check(stage)];
  return { ...order, killed, code, seen, left: left.length, verified, errors };
}

/** A kill may come before the record was begun. */
async function check(stage: Stage): Promise<string> {
  if (!existsSync(`${stage.state}/record/record.db`)) return "none";
  const result = await verify(stage.state, {});
  return result.kind === "ok" ? "ok" : result.sentence;
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
export function find(cli: number, target: Target): number | undefined {
  if (target === "cli") return cli;
  const below = descendants(cli);
  const bubblewraps = below.filter(({ words }) => words[0]?.endsWith("/bwrap"));
  const inner = bubblewraps.find(({ parent }) => bubblewraps.some(({ pid }) => pid === parent));
  // the way in may be tried before, with another program behind it
  const helpers = below.filter(({ words }) => words.some((word) => /boundary.*helper\.c?[jt]s$/.test(word)));
  switch (target) {
    case "unshare":
      return helpers.find(({ words }) => words[0]?.endsWith("/unshare"))?.pid;
    case "helper":
      return helpers.find(({ words }) => !words[0]?.endsWith("/unshare"))?.pid;
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
