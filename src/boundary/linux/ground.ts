// Ground broken for one session before anything of it is known: the caller's descriptors in; the namespaces are made,
// their doors attended and tried, while the session is being prepared. Out: the walls, once there is a plan; or nothing,
// where there will be none. No process of the tool can exist before that.

import { Fault } from "../../domain/fault.ts";
import type { BoundaryFault, BreakGround } from "../contract.ts";
import { amountsOf } from "./bounds/amounts.ts";
import { endGroup, openCgroup } from "./bounds/cgroup.ts";
import type { Site } from "./furnish.ts";
import { closeHouse, openHouse } from "./house.ts";
import { loadNative } from "./native.ts";
import { findPrograms } from "./programs.ts";
import { refuseStep } from "./remedies.ts";
import { checkHanded } from "./terminal/handed.ts";
import { openRelay } from "./terminal/streams.ts";

export const breakGround: BreakGround = (streams) => {
  const site = openSite(streams);
  site.catch(() => undefined); // told to whoever enters; a session refused before never asks
  let left: Promise<void> | undefined;
  let entered = false;
  return {
    enter: async (plan) => {
      if (entered || left !== undefined) throw notTwice();
      entered = true;
      // loaded here and not before: none of it is needed to begin
      const loading = import("./furnish.ts");
      loading.catch(() => undefined); // the site may fail first
      const open = await site;
      try {
        const { furnish } = await loading;
        return await furnish(open, plan);
      } catch (error) {
        await leave(open);
        throw error;
      }
    },
    [Symbol.asyncDispose]: () => {
      if (!entered) left ??= site.then(leave, () => undefined);
      return left ?? Promise.resolve();
    },
  };
};

async function openSite(streams: Parameters<BreakGround>[0]): Promise<Site> {
  const programs = findPrograms();
  if (programs instanceof Fault) throw programs;
  await checkHanded(streams, loadNative);
  const relay = await openRelay(streams, loadNative);
  const grouping = openCgroup(amountsOf(), programs.sh);
  try {
    const house = await openHouse(programs, relay.inner).finally(relay.handed);
    const cgroup = await grouping;
    if (house.missing.length === 0) return { programs, relay, house, cgroup };
    await closeHouse(house);
    throw refuseStep("probe", house.missing.join(", "));
  } catch (error) {
    await endGroup(await grouping);
    await relay.end();
    throw error;
  }
}

async function leave({ house, relay, cgroup }: Site): Promise<void> {
  await closeHouse(house);
  await endGroup(cgroup);
  await relay.end();
}

const notTwice = (): BoundaryFault =>
  new Fault({ code: "helper", message: "the boundary was used already", hint: "enter a new one for each run" });
