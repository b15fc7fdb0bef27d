// The namespaces with their doors attended, before anybody lives in them: opened, tried with one attempt each way, and
// closed again. Both a run and the doctor build one.

import type { Inside } from "../../domain/inside.ts";
import { type Doorway, openDoorway } from "./doors/doorway.ts";
import { openKernel } from "./doors/kernel.ts";
import { openOwners } from "./doors/owners.ts";
import { awaitProbes } from "./doors/proof.ts";
import { openInside } from "./inside.ts";
import { type Keeper, openKeeper } from "./keeper.ts";
import { loadNative } from "./native.ts";
import type { Programs } from "./programs.ts";

/** Namespaces with attended doors, tried once. */
export interface House {
  readonly keeper: Keeper;
  readonly doorway: Doorway;
  readonly inside: Inside;
  /** Attempts that did not come to the doors. */
  readonly missing: readonly string[];
}

/** Rejects with a BoundaryFault where there is nothing to try. */
export async function openHouse(programs: Programs, descriptors: readonly number[]): Promise<House> {
  const [keeper, native] = await Promise.all([openKeeper(programs, descriptors), loadNative()]);
  const net = `/proc/${keeper.pid}/net`;
  const kernel = openKernel(net);
  const owners = openOwners(keeper.pid);
  const doorway = openDoorway(keeper.received, { kernel, owners, native });
  const inside = openInside({ net, kernel, owners, own: doorway.ports, reach: keeper.reach });
  const missing = awaitProbes(doorway.queues, keeper.place.v6);
  keeper.order({ kind: "probe", v6: keeper.place.v6 });
  return { keeper, doorway, inside, missing: await missing };
}

export async function closeHouse({ keeper, doorway }: House): Promise<void> {
  keeper.kill();
  await keeper.ended;
  doorway.close();
}
