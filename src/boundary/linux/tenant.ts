// The tool's life behind the walls: started once, signalled, killed, waited for until it and everything it started has
// ended. In: the helper, the doors, the terminal. Out: the contract's Walls.

import { statSync } from "node:fs";
import { Fault } from "../../domain/fault.ts";
import type { Inside } from "../../domain/inside.ts";
import type { Missing } from "../../domain/session.ts";
import type { Amounts, Blanks, BoundaryFault, Exit, Walls, Watch } from "../contract.ts";
import { type Cgroup, endGroup, type Without } from "./bounds/cgroup.ts";
import { countReached } from "./bounds/counting.ts";
import { argumentPlace, type Order, type Report } from "./channel.ts";
import { openCover } from "./cover.ts";
import type { Doorway } from "./doors/doorway.ts";
import { childrenOf } from "./doors/owners.ts";
import type { Keeper } from "./keeper.ts";
import { limits } from "./limits.ts";
import { lacksOf } from "./place.ts";
import type { Programs } from "./programs.ts";
import { refuseStep, refuseView } from "./remedies.ts";
import { writeBounds } from "./resources.ts";
import { asJob, toolOf, watchStops } from "./terminal/job.ts";
import type { Relay } from "./terminal/streams.ts";
import type { Meant } from "./view/laid.ts";
import { type Attendance, attend } from "./watch/attendance.ts";

export interface Tenancy {
  readonly keeper: Keeper;
  readonly doorway: Doorway;
  readonly inside: Inside;
  readonly relay: Relay;
  readonly programs: Programs;
  readonly guarded: readonly string[];
  readonly meant: readonly Meant[];
  readonly blanks: Blanks | undefined;
  readonly missing: readonly Missing[];
  readonly amounts: Amounts;
  readonly cgroup: Cgroup | Without;
}

type Last = Extract<Report, { kind: "ended" | "failed" | "lapsed" }>;

export function openTenant(tenancy: Tenancy): Walls {
  const { keeper, doorway, inside, relay, programs, cgroup, blanks } = tenancy;
  const helper = follow(keeper);
  let running = false;
  // once more while it has not begun; whoever asks early is not to be forgotten
  const deliver = (name: NodeJS.Signals): void => {
    if (!helper.ended() && !passOn(toolBelow(), name)) setTimeout(deliver, limits.signalMs, name);
  };
  const firstInside = () => firstOf(keeper.pid, programs);
  const toolBelow = (): number | undefined => {
    const first = firstInside();
    return first !== undefined && relay.terminal ? toolOf(first) : first;
  };
  return {
    ...gradedBy(tenancy),
    doors: doorway.doors,
    inside,
    run: async (command, watch, rest = () => Promise.resolve()) => {
      if (running || helper.ended()) throw notTwice();
      running = true;
      const stops = relay.terminal ? watchStops(firstInside, () => pause(relay, helper, rest)) : undefined;
      relay.begin(() => stops?.soon());
      const attendance = helper.attend(watch);
      keeper.order(orderRun(tenancy, command, watch));
      const counting = countReached(cgroup, watch.bounded, helper.fail);
      await keeper.ended;
      await counting.end();
      stops?.end();
      await Promise.all([doorway.drain(), attendance.settled()]);
      await relay.end();
      return readExit(helper.last());
    },
    cover: openCover(keeper.pid, { inside: firstInside, mount: programs.mount, blanks }),
    kill: helper.kill,
    signal: (name) => {
      if (running) deliver(name);
    },
    broken: helper.broken,
    [Symbol.asyncDispose]: async () => {
      helper.kill();
      await keeper.ended;
      await endGroup(cgroup);
      await relay.end();
      doorway.close();
    },
  };
}

/** The tool has stopped, as for Ctrl-Z: it goes on once the caller does. */
async function pause(relay: Relay, helper: Helper, rest: (ended: () => boolean) => Promise<void>): Promise<void> {
  const take = await relay.lay();
  await rest(helper.ended);
  if (!helper.ended()) take();
}

const gradedBy = ({ missing, keeper, cgroup }: Tenancy): Pick<Walls, "grade" | "missing" | "lacks"> => ({
  grade: missing.length === 0 ? "full" : "partial",
  missing,
  lacks: lacksOf({ ...keeper.place, bounded: "procs" in cgroup }),
});

interface Helper {
  readonly last: () => Last | undefined;
  readonly ended: () => boolean;
  readonly kill: () => void;
  readonly broken: Promise<never>;
  readonly attend: (watch: Watch) => Attendance;
  /** Whoever watches has failed: everything inside ends. */
  readonly fail: (cause: unknown) => void;
}

/** The helper ends after its last word, or because we killed it; anything else is broken walls. */
function follow(keeper: Keeper): Helper {
  let last: Last | undefined;
  let over = false;
  let killed = false;
  let attendance: Attendance | undefined;
  const broken = Promise.withResolvers<never>();
  // whoever does not race against it is not to be ended by it
  broken.promise.catch(() => undefined);
  const kill = (): void => {
    killed = true;
    keeper.kill();
  };
  const fail = (cause: unknown): void => {
    broken.reject(cause);
    kill();
  };
  keeper.onReport((report) => {
    if (report.kind === "ended" || report.kind === "failed" || report.kind === "lapsed") last = report;
    else attendance?.take(report);
  });
  void keeper.ended.then(() => {
    over = true;
    if (last?.kind === "lapsed") broken.reject(lapsed(last.detail));
    else if (!killed && (last === undefined || (last.kind === "ended" && last.killed))) broken.reject(brokenWalls());
  });
  return {
    last: () => last,
    ended: () => over,
    kill,
    broken: broken.promise,
    attend: (watch) => {
      attendance = attend(keeper.order, watch);
      attendance.failed.catch(fail);
      return attendance;
    },
    fail,
  };
}

/** What the helper is to start and to watch. */
function orderRun(tenancy: Tenancy, command: readonly string[], watch: Watch): Extract<Order, { kind: "run" }> {
  const { relay, programs, guarded, amounts, cgroup } = tenancy;
  const { questioned, remembered } = watch;
  const bounds = writeBounds(programs, { amounts, procs: "procs" in cgroup ? cgroup.procs : undefined });
  const { sh, prlimit, bwrap, setsid } = programs;
  return {
    kind: "run",
    command: [...bounds, ...writeCommand(command, programs, relay.terminal)],
    prelude: [sh, prlimit, bwrap, setsid, ...(relay.terminal ? [sh] : [])],
    processes: amounts.processes,
    guarded,
    meant: tenancy.meant,
    questioned,
    remembered: [...remembered],
  };
}

/** setsid gives the tool its own session and terminal, and 126 and 127 as env(1) does; it becomes the command, or the shell above it. */
function writeCommand(command: readonly string[], programs: Programs, terminal: boolean): readonly string[] {
  const boxed = [programs.bwrap, "--args", String(argumentPlace), "--"];
  if (!terminal) return [...boxed, programs.setsid, "--", ...command];
  return [...boxed, programs.setsid, "--ctty", "--", ...asJob(programs.sh, command)];
}

function readExit(last: Last | undefined): Exit {
  if (last?.kind === "failed") throw refuseStep(last.step, last.detail);
  if (last === undefined || last.kind === "lapsed") return { code: 137, byTool: false };
  if (last.tool !== undefined) return { code: last.tool, byTool: true };
  if (last.killed) return { code: 137, byTool: false };
  throw refuseView();
}

/** helper → bubblewrap → the first process inside → the tool, or the shell above it. Undefined where it is not there yet, or no longer. */
function firstOf(helper: number, { bwrap }: Programs): number | undefined {
  const [bubblewrap] = childrenOf("/proc", helper);
  const [init] = bubblewrap === undefined ? [] : childrenOf("/proc", bubblewrap);
  const [first] = init === undefined ? [] : childrenOf("/proc", init);
  // until it becomes the tool it is bubblewrap still building
  return first === undefined || runs(first, bwrap) ? undefined : first;
}

/** False where there is nobody to hear it. */
function passOn(tool: number | undefined, name: NodeJS.Signals): boolean {
  if (tool === undefined) return false;
  try {
    process.kill(tool, name);
  } catch {
    // it has just ended
  }
  return true;
}

function runs(pid: number, program: string): boolean {
  try {
    const [own, other] = [statSync(`/proc/${pid}/exe`), statSync(program)];
    return own.dev === other.dev && own.ino === other.ino;
  } catch {
    return false;
  }
}

const notTwice = (): BoundaryFault =>
  new Fault({ code: "helper", message: "the boundary was used already", hint: "enter a new one for each run" });

const brokenWalls = (): BoundaryFault =>
  new Fault({
    code: "helper",
    message: "the process holding the boundary and watching its commands was killed",
    hint: "everything inside ended with it; start the tool again",
  });

const lapsed = (detail: string): BoundaryFault =>
  new Fault({
    code: "watch",
    message: `the watch over commands failed: ${detail}`,
    hint: "everything inside was ended with it; start the tool again, and please report this",
  });
