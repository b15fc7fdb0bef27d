// Watches nothing: what runs is ours, and there is no record to enter it in. For the doctor's attempt, and trials.

import type { Watch } from "../../contract.ts";

export const bystander = (): Watch => ({
  questioned: [],
  judge: () => Promise.resolve(false),
  told: () => Promise.resolve(),
  attempted: () => Promise.resolve(),
  attemptedMore: () => Promise.resolve(),
  bounded: () => Promise.resolve(),
  remembered: new Map(),
});
