// The tool's life behind the walls: started once, signalled, killed, waited for until it and everything it started has
// ended. In: the helper, the doors, the terminal. Out: the contract's Walls.

import { readFileSync, statSync } from "node:fs";
import { Fault } from "../../domain/fault.ts";
import type { Inside } from "../../domain/inside.ts";
import type { BoundaryFault, Exit, Walls } from "../contract.ts";
import { argumentPlace, type Report } from "./channel.ts";
import type { Doorway } from "./doors/doorway.ts";
import { childrenOf } from "./doors/owners.ts";
import type { Keeper } from "./keeper.ts";
import { limits } from "./limits.ts";
import { lacksOf } from "./place.ts";
import type { Programs } from "./programs.ts";
import { writeLimits } from "./resources.ts";
import type { Relay } from "./terminal/streams.ts";

export interface Tenancy {
  readonly keeper: Keeper;
  readonly doorway: Doorway;
  readonly inside: Inside;
  readonly relay: Relay;
  readonly programs: Programs;
}

type Ended = Extract<Report, { kind: "ended" }>;

export function openTenant({ keeper, doorway, inside, relay, programs }: Tenancy): Walls {
  const watch = watchHelper(keeper);
  let running = false;
  // once more while it has not begun; whoever asks early is not to be forgotten
  const deliver = (name: NodeJS.Signals): void => {
    if (!watch.ended() && !passOn(keeper.pid, name, programs)) setTimeout(deliver, limits.signalMs, name);
  };
  return {
    grade: "full",
    lacks: lacksOf(keeper.place),
    doors: doorway.doors,
    inside,
    run: async (command) => {
      if (running || watch.ended()) throw notTwice();
      running = true;
      // its process group has no shell above it: the kernel drops the stop its terminal or it itself asks for, and nobody
      // would ever say `fg`; some have let go of their terminal by then and wait for just that
      const resume = (): void => void (watch.ended() || passOn(keeper.pid, "SIGCONT", programs));
      relay.begin(() => {
        for (const wait of limits.resumeMs) setTimeout(resume, wait).unref();
      });
      keeper.order({ kind: "run", command: writeCommand(command, programs, relay.terminal) });
      await keeper.ended;
      await doorway.drain();
      await relay.end();
      return readExit(watch.report());
    },
    kill: watch.kill,
    signal: (name) => {
      if (running) deliver(name);
    },
    broken: watch.broken,
    [Symbol.asyncDispose]: async () => {
      watch.kill();
      await keeper.ended;
      await relay.end();
      doorway.close();
    },
  };
}

interface Watch {
  readonly report: () => Ended | undefined;
  readonly ended: () => boolean;
  readonly kill: () => void;
  readonly broken: Promise<never>;
}

/** The helper ends after its last word, or because we killed it; anything else is broken walls. */
function watchHelper(keeper: Keeper): Watch {
  let last: Ended | undefined;
  let over = false;
  let killed = false;
  const broken = Promise.withResolvers<never>();
  // whoever does not race against it is not to be ended by it
  broken.promise.catch(() => undefined);
  keeper.onReport((report) => {
    if (report.kind === "ended") last = report;
  });
  void keeper.ended.then(() => {
    over = true;
    if (!killed && (last === undefined || last.killed)) broken.reject(brokenWalls());
  });
  const kill = (): void => {
    killed = true;
    keeper.kill();
  };
  return { report: () => last, ended: () => over, kill, broken: broken.promise };
}

/** setsid gives the tool its own session and terminal, and 126 and 127 as env(1) does; it becomes the command. */
function writeCommand(command: readonly string[], programs: Programs, terminal: boolean): readonly string[] {
  const bounded = [programs.prlimit, ...writeLimits(readFileSync("/proc/self/limits", "utf8")), "--"];
  const boxed = [programs.bwrap, "--args", String(argumentPlace), "--"];
  return [...bounded, ...boxed, programs.setsid, ...(terminal ? ["--ctty"] : []), "--", ...command];
}

function readExit(ended: Ended | undefined): Exit {
  if (ended?.tool !== undefined) return { code: ended.tool, byTool: true };
  if (ended === undefined || ended.killed) return { code: 137, byTool: false };
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
  new Fault({ code: "helper", message: "the process holding the boundary was killed", hint: "start the tool again" });

const notBuilt = (): BoundaryFault =>
  new Fault({
    code: "no-mount",
    message: "bubblewrap could not build the file view; what it said stands above",
    hint: "postern doctor shows whether namespaces work here; else a mount of the policy is at fault",
  });
