// One target in a thread of its own, and its input where the other thread sees it: what hangs, ends the thread or eats all
// memory is known by the input it was at.

import { Worker } from "node:worker_threads";
import type { Broken } from "./loop.ts";

/** One input may take so long on a busy machine (ms); the longest takes some milliseconds. */
const mostPatience = 30_000;
/** Until the thread has loaded its target (ms), however long it has for an input. */
const loading = 120_000;
/** The longest input of any target (octets). */
export const widest = 65_536;
const memory = { maxOldGenerationSizeMb: 768 };

export interface Task {
  readonly target: string;
  readonly seed: number;
  /** Runs, or milliseconds. */
  readonly budget: { readonly runs: number } | { readonly milliseconds: number };
  /** Without it the chance alone leads, and the same seed does the same again. */
  readonly guided: boolean;
  /** Inputs beside the corpus, Latin-1. */
  readonly first?: readonly string[];
  /** Milliseconds for one input; in tests. */
  readonly patience?: number;
}

export interface Report {
  readonly runs: number;
  readonly outcomes: number;
  /** Inputs, as Latin-1. */
  readonly kept: readonly string[];
  readonly reached: number;
  readonly known: number;
  readonly broken: { readonly input: string; readonly why: string } | undefined;
}

/** What both threads see: how many inputs were begun, the length of this one, and its octets. */
export function openPlate(shared: SharedArrayBuffer) {
  const numbers = new Int32Array(shared, 0, 2);
  const octets = Buffer.from(shared, 8, widest);
  return {
    put: (input: Buffer): void => {
      input.copy(octets);
      numbers[1] = input.length;
      numbers[0] = (numbers[0] ?? 0) + 1;
    },
    count: (): number => numbers[0] ?? 0,
    input: (): Buffer => Buffer.from(octets.subarray(0, numbers[1])),
  };
}

export type Attended = Omit<Report, "broken"> & { readonly broken: Broken | undefined };

export async function attend(task: Task): Promise<Attended> {
  const shared = new SharedArrayBuffer(8 + widest);
  const plate = openPlate(shared);
  const worker = new Worker(new URL("./worker.ts", import.meta.url), {
    workerData: { task, shared },
    resourceLimits: memory,
  });
  const settled = Promise.withResolvers<Attended>();
  const nothing = { runs: 0, outcomes: 0, kept: [], reached: 0, known: 0 };
  const fail = (why: string): void =>
    settled.resolve({ ...nothing, runs: plate.count(), broken: { input: plate.input(), why } });
  const { patience = mostPatience } = task;
  let [seen, checks] = [0, 0];
  const watch = setInterval(() => {
    checks += 1;
    if (plate.count() === seen && (seen > 0 || checks * patience > loading))
      fail(`it takes longer than ${patience} ms`);
    seen = plate.count();
  }, patience);
  worker.on("message", (report: Report) => {
    const broken = report.broken && { ...report.broken, input: Buffer.from(report.broken.input, "latin1") };
    settled.resolve({ ...report, broken });
  });
  worker.on("error", (error) => fail(`the thread ended: ${error instanceof Error ? error.stack : String(error)}`));
  worker.on("exit", (code) => fail(`the thread ended with ${code}`));
  try {
    return await settled.promise;
  } finally {
    clearInterval(watch);
    await worker.terminate();
  }
}
