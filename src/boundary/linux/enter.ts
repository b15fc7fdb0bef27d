// The walls on Linux. A plan in; out come open doors, and a way to start the tool behind them. Everything is built and
// tried before any process of the tool exists; what cannot be built rejects with a BoundaryFault and its remedy.

import { closeSync } from "node:fs";
import { Fault } from "../../domain/fault.ts";
import type { BoundaryFault, EnterBoundary, Plan, Walls } from "../contract.ts";
import { closeHouse, openHouse } from "./house.ts";
import { loadNative } from "./native.ts";
import { findPrograms, type Programs } from "./programs.ts";
import { refuseStep } from "./remedies.ts";
import { openSealed } from "./sealed.ts";
import { buildProgram } from "./seccomp/program.ts";
import { openTenant } from "./tenant.ts";
import { openRelay, type Relay } from "./terminal/streams.ts";
import { isIdentity } from "./view/accounts.ts";
import { describeRoom } from "./view/room.ts";

export const enterBoundary: EnterBoundary = async (plan) => {
  const programs = findPrograms();
  if (programs instanceof Fault) throw programs;
  const sealed = sealRoom(plan, programs);
  try {
    const relay = await openRelay(plan.streams, loadNative);
    try {
      return await build({ programs, relay, descriptors: [...relay.inner, ...sealed] });
    } catch (error) {
      await relay.end();
      throw error;
    }
  } finally {
    for (const descriptor of sealed) closeSync(descriptor);
  }
};

/** The descriptors bubblewrap reads after the tool's own three: arguments, seccomp program, texts. */
function sealRoom(plan: Plan, programs: Programs): readonly number[] {
  const architecture = process.arch === "x64" || process.arch === "arm64" ? process.arch : undefined;
  if (process.platform !== "linux" || architecture === undefined) throw refusePlatform();
  if (!isIdentity(plan.identity)) throw refusal("the identity inside is not a plain user", "uid and gid must not be 0");
  const room = describeRoom(plan, programs.bwrap);
  return [room.words, buildProgram(architecture), ...room.texts].map(openSealed);
}

interface Parts {
  readonly programs: Programs;
  readonly relay: Relay;
  readonly descriptors: readonly number[];
}

async function build({ programs, relay, descriptors }: Parts): Promise<Walls> {
  const house = await openHouse(programs, descriptors).finally(relay.handed);
  if (house.missing.length === 0) return openTenant({ ...house, relay, programs });
  await closeHouse(house);
  throw refuseStep("probe", house.missing.join(", "));
}

const refusal = (message: string, hint: string): BoundaryFault => new Fault({ code: "platform", message, hint });

const refusePlatform = (): BoundaryFault =>
  refusal(`no boundary for ${process.platform} on ${process.arch} yet`, "use Linux on x86-64 or aarch64");
