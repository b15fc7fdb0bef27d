// The ground where there may be no walls: the whole is tried first, as ever. Only where it was refused because this machine gives no
// namespaces, or no redirect in them, and the plan says that this will do, the tool is started without. What a package or a
// setting of ours would mend is no such reason, nor what passes.

import { Fault } from "../../domain/fault.ts";
import type { BreakGround, Ground, Plan, Streams, Walls } from "../contract.ts";
import { breakGround as breakLinux } from "../linux/ground.ts";
import { isLasting } from "./lasting.ts";

export const breakGround: BreakGround = (streams) => orBare(breakLinux(streams), streams);

export function orBare(ground: Ground, streams?: Streams): Ground {
  return {
    enter: async (plan) => {
      try {
        return await ground.enter(plan);
      } catch (error) {
        if (!mayBeBare(plan) || !isReason(error)) throw error;
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

const isReason = (error: unknown): boolean => error instanceof Fault && isLasting(error);
