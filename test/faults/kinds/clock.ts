// The wall clock jumps below the command line (shim.c): entries stay in order, the record verifies, nothing ends.

import type { Kind } from "../kind.ts";

const hour = 3600;

const jump = (name: string, seconds: number): Kind => ({
  name: `clock jumps ${name}`,
  within: true,
  strike: async ({ shim }) => {
    shim.set("clockSeconds", seconds);
    return { ending: "goes on" };
  },
});

export const clock: readonly Kind[] = [
  jump("an hour forward", hour),
  jump("an hour back", -hour),
  jump("ten years back", -10 * 365 * 24 * hour),
  jump("forward past certificates' ends", 40 * 365 * 24 * hour),
];
