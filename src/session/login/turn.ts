// Work that only one session of a person may do at a time: under flock(2), which the kernel lets go of when a process dies. The
// event loop stays free while somebody else is at it.

import { setTimeout as pause } from "node:timers/promises";
import { Lock } from "../../ledger/lock.ts";

/** Milliseconds between two tries: uneven, so that sessions do not march in step. */
const between = (): number => 10 + Math.random() * 15;

/** Undefined where nobody gave it up within `patience` milliseconds. */
export async function inTurn<Result>(
  path: string,
  patience: number,
  work: () => Promise<Result>,
): Promise<{ readonly result: Result } | undefined> {
  using lock = new Lock(path);
  const until = performance.now() + patience;
  while (!lock.take()) {
    if (performance.now() > until) return undefined;
    await pause(between());
  }
  try {
    return { result: await work() };
  } finally {
    lock.giveUp();
  }
}
