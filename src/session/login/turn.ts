// Work that only one session of a person may do at a time: under flock(2), which the kernel lets go of when a process dies. The
// event loop stays free while somebody else is at it.

import { setTimeout as pause } from "node:timers/promises";
import { Lock } from "../../ledger/lock.ts";

/** Milliseconds between two tries: uneven, so that sessions do not march in step. */
const between = (): number => 10 + Math.random() * 15;

/** Turns that this process has now, and rests of it that have begun or are waited for: a process stops whole. */
const here = { turns: 0, rests: 0 };

/** Undefined where nobody gave it up within `patience` milliseconds. */
export async function inTurn<Result>(
  path: string,
  patience: number,
  work: () => Promise<Result>,
): Promise<{ readonly result: Result } | undefined> {
  using lock = new Lock(path);
  const until = performance.now() + patience;
  while (here.rests > 0 || !lock.take()) {
    if (here.rests === 0 && performance.now() > until) return undefined;
    await pause(between());
  }
  here.turns += 1;
  try {
    return { result: await work() };
  } finally {
    here.turns -= 1;
    lock.giveUp();
  }
}

/** Does the work while this process has no turn, and takes none before it is done. */
export async function outOfTurn(work: () => Promise<void>): Promise<void> {
  here.rests += 1;
  try {
    while (here.turns > 0) await pause(between());
    await work();
  } finally {
    here.rests -= 1;
  }
}
