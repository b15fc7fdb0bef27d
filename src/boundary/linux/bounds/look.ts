// Looks every so often whether a bound is reached that the kernel does not count by itself. Runs in the helper. What is used up
// and given back between two looks is not seen.

import { readdirSync } from "node:fs";
import type { Bound } from "../../../domain/bound.ts";
import { limits } from "../limits.ts";
import { scratchReached } from "./scratch.ts";

export interface Look {
  /** Once more, and never again. */
  readonly end: () => void;
}

/** `most`: processes the inside may have; undefined where /proc does not show them. Each bound is told once. */
export function openLook(most: number | undefined, tell: (bound: Bound) => void): Look {
  const told = new Set<Bound>();
  const look = (): void => {
    for (const bound of [...scratchReached(), ...(isCrowded(most) ? ["processes" as const] : [])]) {
      if (told.has(bound)) continue;
      told.add(bound);
      tell(bound);
    }
  };
  const timer = setInterval(look, limits.boundLookMs).unref();
  return {
    end: () => {
      clearInterval(timer);
      look();
    },
  };
}

/** Threads count too and are not listed, nor are those that come and go: close to it is at it. */
function isCrowded(most: number | undefined): boolean {
  if (most === undefined) return false;
  return readdirSync("/proc").filter((name) => /^\d/.test(name)).length >= most * limits.crowded;
}
