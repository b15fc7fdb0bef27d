// The tool's life behind the walls: started once, signalled, killed, waited for until it and everything it started has
// ended. In: the helper, the doors, the terminal. Out: the contract's Walls.

import { readFileSync, statSync } from "node:fs";
import { Fault } from "../../domain/fault.ts";
import type { Inside } from "../../domain/inside.ts";
import type { BoundaryFault, Exit, Walls, Watch } from "../contract.ts";
import { argumentPlace, type Report } from "./channel.ts";
import type { Doorway } from "./doors/doorway.ts";
import { childrenOf } from "./doors/owners.ts";
import type { Keeper } from "./keeper.ts";
import { limits } from "./limits.ts";
import { lacksOf } from "./place.ts";
import type { Programs } from "./programs.ts";
import { refuseStep } from "./remedies.ts";
import { writeLimits } from "./resources.ts";
import type { Relay } from "./terminal/streams.ts";
import { type Attendance, attend } from "./watch/attendance.ts";

export interface Tenancy {
  readonly keeper: Keeper;
  readonly doorway: Doorway;
  readonly inside: Inside;
  readonly relay: Relay;
  readonly programs: Programs;
}

type Last = Extract<Report, { kind: "ended" | "failed" | "lapsed" }>;

export function openTenant({ keeper, doorway, inside, relay, programs }: Tenancy): Walls {
  const helper = follow(keeper);
  let running = false;
  // once more while it has not begun; whoever asks early is not to be forgotten
  const deliver = (name: NodeJS.Signals): void => {
    if (!helper.ended() && !passOn(keeper.pid, name, programs)) setTimeout(deliver, limits.signalMs, name);
  };
  return {
    grade: "full",
    lacks: lacksOf(keeper.place),
    doors: doorway.doors,
    inside,
    run: async (command, watch) => {
      if (running || helper.ended()) throw notTwice();
      running = true;
      // its process group has no shell above it: the kernel drops the stop its terminal or it itself asks for, and nobody
      // would ever say `fg`; some have let go of their terminal by then and wait for just that
      const resume = (): void => void (helper.ended() || passOn(keeper.pid, "SIGCONT", programs));
      relay.begin(() => {
        for (const wait of limits.resumeMs) setTimeout(resume, wait).unref();
      });
      const attendance = helper.attend(watch);
      const prelude = [programs.prlimit, programs.bwrap, programs.setsid];
      const { questioned, remembered } = watch;
      const written = writeCommand(command, programs, relay.terminal);
      keeper.order({ kind: "run", command: written, prelude, questioned, remembered: [...remembered] });
      await keeper.ended;
      await Promise.all([doorway.drain(), attendance.settled()]);
      await relay.end();
      return readExit(helper.last());
    },
    kill: helper.kill,
    signal: (name) => {
      if (running) deliver(name);
    },
    broken: helper.broken,
    [Symbol.asyncDispose]: async () => {
      helper.kill();
      await keeper.ended;
      await relay.end();
      doorway.close();
    },
  };
}

interface Helper {
  readonly last: () => Last | undefined;
  readonly ended: () => boolean;
  readonly kill: () => void;
  readonly broken: Promise<never>;
  readonly attend: (watch: Watch) => Attendance;
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
      attendance.failed.catch((cause: unknown) => {
        broken.reject(cause);
        kill();
      });
      return attendance;
    },
  };
}

/** setsid gives the tool its own session and terminal, and 126 and 127 as env(1) does; it becomes the command. */
function writeCommand(command: readonly string[], programs: Programs, terminal: boolean): readonly string[] {
  const bounded = [programs.prlimit, ...writeLimits(readFileSync("/proc/self/limits", "utf8")), "--"];
  const boxed = [programs.bwrap, "--args", String(argumentPlace), "--"];
  return [...bounded, ...boxed, programs.setsid, ...(terminal ? ["--ctty"] : []), "--", ...command];
}

function readExit(last: Last | undefined): Exit {
  if (last?.kind === "failed") throw refuseStep(last.step, last.detail);
  if (last === undefined || last.kind === "lapsed") return { code: 137, byTool: false };
  if (last.tool !== undefined) return { code: last.tool, byTool: true };
  if (last.killed) return { code: 137, byTool: false };
  throw notBuilt();
}

/** helper → bubblewrap → the first process inside → the tool. False where it is not there yet, or no longer. */
function passOn(helper: number, name: NodeJS.Signals, { bwrap }: Programs): boolean {
  const [bubblewrap] = childrenOf("/proc", helper);
  const [first] = bubblewrap === undefined ? [] : childrenOf("/proc", bubblewrap);
  const [tool] = first === undefined ? [] : childrenOf("/proc", first);
  // until it becomes the tool it is bubblewrap still building
  if (tool === undefined || runs(tool, bwrap)) return false;
  try {
    process.kill(name === "SIGCONT" ? -tool : tool, name); // its process group was to stop as a whole
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

const notBuilt = (): BoundaryFault =>
  new Fault({
    code: "no-mount",
    message: "bubblewrap could not build the file view; what it said stands above",
    hint: "postern doctor shows whether namespaces work here; else a mount of the policy is at fault",
  });
