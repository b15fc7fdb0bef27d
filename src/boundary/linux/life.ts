// A process as the host sees it, told from a later one of the same number by when it began (proc(5), stat).

import { readFileSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { limits } from "./limits.ts";

export interface Life {
  readonly pid: number;
  /** Clock ticks since the machine's start. */
  readonly began: string;
}

/** Undefined where there is none, or one that has ended and only waits to be collected. */
export function lifeOf(
  pid: number,
  read: (path: string) => string = (path) => readFileSync(path, "utf8"),
): Life | undefined {
  const { state, began } = stand(pid, read);
  return began === undefined || state === "Z" || state === "X" ? undefined : { pid, began };
}

/** False only where it is known to have ended: one that cannot be looked at, where no descriptor is left, may live. */
export function mayLive(
  { pid, began }: Life,
  read: (path: string) => string = (path) => readFileSync(path, "utf8"),
): boolean {
  const found = stand(pid, read);
  return found.hidden === true || (found.began === began && found.state !== "Z" && found.state !== "X");
}

/** Stopped by a signal, or by the terminal it reached for from the background. */
export function isSuspended({ pid, began }: Life): boolean {
  const found = stand(pid, (path) => readFileSync(path, "utf8"));
  return found.began === began && found.state === "T";
}

interface Standing {
  readonly state?: string;
  readonly began?: string;
  /** It could not be looked at. */
  readonly hidden?: boolean;
}

function stand(pid: number, read: (path: string) => string): Standing {
  try {
    // the name in parentheses may hold anything
    const fields = read(`/proc/${pid}/stat`).split(") ").at(-1)?.split(" ") ?? [];
    const [state, began] = [fields[0], fields[19]];
    return state === undefined || began === undefined ? {} : { state, began };
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    return { hidden: code === "EMFILE" || code === "ENFILE" || code === "ENOMEM" };
  }
}

/** At once in the usual case: it was collected before its parent told us. Gives up after `limits.goneMs`. */
export async function waitUntilGone(life: Life): Promise<void> {
  const until = performance.now() + limits.goneMs;
  for (let pause = 1; mayLive(life) && performance.now() < until; pause *= 2) await setTimeout(pause);
}
