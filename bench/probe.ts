// Loaded into the process that runs the gateway (--import), where the terminal is carried: a timer that is due every millisecond says
// for how long nothing else was, and how much of that this thread worked itself; and how much memory there is. Written to a file when
// the process ends. Where no file is named, and in threads, it does nothing.

import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { isMainThread } from "node:worker_threads";

export interface Stall {
  /** Microseconds of the machine's clock, which all processes share. */
  readonly until: number;
  /** Milliseconds. */
  readonly length: number;
  /** Of it, the thread's own processor time: the rest others had the processor. */
  readonly own: number;
}

export interface Seen {
  /** Those of two milliseconds and more. */
  readonly stalls: readonly Stall[];
  /** Megabytes: the most there was, and at the last look. */
  readonly most: number;
  readonly last: number;
  /** Of the helper beside it. */
  readonly helper: number;
}

/** Microseconds. */
export const clock = (): number => Number(process.hrtime.bigint() / 1_000n);

const own = (): number => {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
};

/** Ends when it is told, and gives what was seen. */
export function watchStalls(least = 2): () => readonly Stall[] {
  const stalls: Stall[] = [];
  let [before, worked] = [clock(), own()];
  const timer = setInterval(() => {
    const [now, working] = [clock(), own()];
    const length = (now - before) / 1_000;
    // one millisecond of it is the timer's
    if (length - 1 >= least) stalls.push({ until: now, length: length - 1, own: working - worked });
    [before, worked] = [now, working];
  }, 1);
  timer.unref();
  return () => {
    clearInterval(timer);
    return stalls;
  };
}

const megabytes = (octets: number): number => octets / 1_000_000;

/** Of the session's processes but this one and the tool's, by the memory that is theirs alone or their share of it. */
function helperMemory(): number {
  let sum = 0;
  for (const pid of readdirSync("/proc")) {
    try {
      const parent = /^PPid:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
      const arguments_ = readFileSync(`/proc/${pid}/cmdline`, "utf8");
      if (!/^\d+$/.test(pid) || !arguments_.includes("boundary-helper") || parent === undefined) continue;
      const shared = /^Pss:\s*(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, "utf8"))?.[1];
      sum += Number(shared ?? 0) * 1_024;
    } catch {
      // gone by now, or no process
    }
  }
  return megabytes(sum);
}

function begin(file: string): void {
  const stalls = watchStalls();
  let [most, helper, looks] = [0, 0, 0];
  const look = (): void => {
    most = Math.max(most, megabytes(process.memoryUsage.rss()));
    looks += 1;
    if (looks === 5) helper = helperMemory();
  };
  setInterval(look, 100).unref();
  process.once("exit", () => {
    const last = megabytes(process.memoryUsage.rss());
    const seen: Seen = { stalls: stalls(), most: Math.max(most, last), last, helper };
    writeFileSync(file, JSON.stringify(seen));
  });
}

const file = process.env["POSTERN_BENCH_SEEN"];
if (isMainThread && file !== undefined && process.argv[1]?.endsWith("postern.cjs") === true) begin(file);
