// What the kernel counts of a cgroup's bounds, told while it happens and once more at the end. The group goes with it.

import type { Reached } from "../../../domain/bound.ts";
import type { Watch } from "../../contract.ts";
import { limits } from "../limits.ts";
import type { Cgroup, Without } from "./cgroup.ts";

export interface Counting {
  /** Nothing runs in it any more: the last look, and it is taken away. */
  readonly end: () => Promise<void>;
}

const nothing: Counting = { end: () => Promise.resolve() };

export function countReached(
  group: Cgroup | Without,
  bounded: Watch["bounded"],
  fail: (cause: unknown) => void,
): Counting {
  if ("seen" in group) return nothing;
  let telling = Promise.resolve();
  const look = (): void => {
    for (const reached of read()) telling = telling.then(async () => void (await bounded(reached))).catch(fail);
  };
  /** Whoever manages the machine may take the group's controllers away, and with them its bounds. */
  const read = (): readonly Reached[] => {
    try {
      return group.reached();
    } catch (error) {
      fail(error);
      return [];
    }
  };
  const timer = setInterval(look, limits.boundLookMs).unref();
  return {
    end: async () => {
      clearInterval(timer);
      look();
      await telling;
      await group.end();
    },
  };
}
