// What a place that somebody else built needs to be one whose only way out is our door, each tried for real. Out: what was seen.
// Nothing is left there.

import { Fault } from "../../domain/fault.ts";
import type { Check, OuterPlace } from "../contract.ts";
import { type Hand, reachInside } from "./hand.ts";
import { outerMissing } from "./missing.ts";
import { waysOut } from "./ways-out.ts";

export async function diagnoseOuter(place: OuterPlace, uid: number): Promise<readonly Check[]> {
  try {
    await using hand = await reachInside({ place, uid, relay: undefined });
    const came = `came to ${place.door.host} with Node ${hand.here.node}`;
    return [{ name: "a program inside", ok: true, seen: came, remedy: undefined }, await checkWays(hand)];
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return [{ name: "a program inside", ok: false, seen: error.message, remedy: error.hint }];
  }
}

async function checkWays(hand: Hand): Promise<Check> {
  const name = "no way out but the door";
  const out = await waysOut(hand);
  if (out.length > 0)
    return {
      name,
      ok: false,
      seen: out.join(", "),
      remedy: "give it no network (--network none), and no engine's socket",
    };
  return { name, ok: true, seen: "every other was tried, and leads nowhere", missing: outerMissing, remedy: undefined };
}
