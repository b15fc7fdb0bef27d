// The walls on Linux in one step: a plan in; out come open doors, and a way to start the tool behind them. Everything is
// built and tried before any process of the tool exists; what cannot be built rejects with a BoundaryFault and its remedy.

import type { EnterBoundary } from "../contract.ts";
import { breakGround } from "./ground.ts";

/** For whoever has nothing to prepare meanwhile. */
export const enterBoundary: EnterBoundary = async (plan, streams) => {
  await using ground = breakGround(streams);
  return await ground.enter(plan);
};
