// The ground where there may be no walls: the whole is tried first, as ever. Only where it was refused because this machine gives no
// namespaces, or no redirect in them, and the plan says that this will do, the tool is started without. What a package or a
// setting of ours would mend is no such reason.

import { Fault } from "../../domain/fault.ts";
import type { BoundaryFault, BreakGround, Ground, Plan, Streams, Walls } from "../contract.ts";
import { breakGround as breakLinux } from "../linux/ground.ts";

const reasons: readonly BoundaryFault["code"][] = ["no-namespaces", "no-redirect"];

export const breakGround: BreakGround = (streams) => orBare(breakLinux(streams), streams);

export function orBare(ground: Ground, streams?: Streams): Ground {
  return {
    enter: async (plan) => {
      try {
        return await ground.enter(plan);
      } catch (error) {
        if (!isReason(error) || !mayBeBare(plan)) throw error;
        return await enterBare(plan, streams);
      }
    },
    [Symbol.asyncDispose]: () => ground[Symbol.asyncDispose](),
  };
}

const mayBeBare = ({ lesser = [] }: Plan): boolean => lesser.includes("record-only");

/** Loaded where it is needed: no other session waits for it. */
async function enterBare(plan: Plan, streams: Streams | undefined): Promise<Walls> {
  const { openBare } = await import("./walls.ts");
  return await openBare(plan, streams, process.getuid?.() ?? -1);
}

/** Want of memory or processes, which a tool can bring about for its neighbour, passes; what a machine does not give stays so. */
const passing = /temporarily unavailable|cannot allocate|EAGAIN|ENOMEM/i;

function isReason(error: unknown): boolean {
  return error instanceof Fault && reasons.some((code) => code === error.code) && !passing.test(error.message);
}
