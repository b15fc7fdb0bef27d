// A plan in; what bubblewrap is to read goes to the helper of a house that stands. Out: the walls, with a way to start the
// tool behind them. Refuses other platforms, and to be root inside.

import { Fault } from "../../domain/fault.ts";
import type { BoundaryFault, Plan, Walls } from "../contract.ts";
import { amountsOf } from "./bounds/amounts.ts";
import type { Cgroup, Without } from "./bounds/cgroup.ts";
import type { House } from "./house.ts";
import type { Programs } from "./programs.ts";
import { buildProgram } from "./seccomp/program.ts";
import { openTenant } from "./tenant.ts";
import type { Relay } from "./terminal/streams.ts";
import { isIdentity } from "./view/accounts.ts";
import { meantBy } from "./view/laid.ts";
import { describeRoom, type Ground, type Room } from "./view/room.ts";

/** A house that was tried and found good, and the tool's three descriptors in it. */
export interface Site {
  readonly programs: Programs;
  readonly relay: Relay;
  readonly house: House;
  /** For everything inside; or why there can be none. */
  readonly cgroup: Cgroup | Without;
}

/** Resolves when the helper holds all of it. Rejects with a BoundaryFault. */
export async function furnish({ house, relay, programs, cgroup }: Site, plan: Plan): Promise<Walls> {
  const { keeper, doorway } = house;
  const { guarded = [] } = plan;
  const amounts = { ...amountsOf(), ...plan.amounts };
  if ("bound" in cgroup) cgroup.bound(amounts);
  const room = describeFiles(plan, { bwrap: programs.bwrap, ...keeper.place });
  // whatever came of it: a socket that was handed over is closed by whoever attends it
  const { unwatched } = await keeper
    .furnish({
      files: room.files,
      scratch: { bytes: amounts.scratch, files: amounts.scratchFiles, modes: room.scratch },
      places: plan.services ?? [],
      detours: plan.detours ?? [],
      writes: guarded.length > 0,
      lesser: plan.lesser?.includes("partial") === true,
    })
    .finally(() => doorway.attend(keeper.received));
  return openTenant({
    ...house,
    relay,
    programs,
    guarded,
    meant: meantBy(plan.mounts, plan.detours),
    blanks: plan.blanks,
    amounts,
    cgroup,
    missing: unwatched === undefined ? [] : ["watch"],
  });
}

interface Described extends Pick<Room, "scratch"> {
  /** What bubblewrap reads after the tool's own three descriptors: arguments, seccomp program, texts. */
  readonly files: readonly Uint8Array[];
}

function describeFiles(plan: Plan, ground: Ground): Described {
  const architecture = process.arch === "x64" || process.arch === "arm64" ? process.arch : undefined;
  if (process.platform !== "linux" || architecture === undefined) throw refusePlatform();
  if (!isIdentity(plan.identity)) throw refusal("the identity inside is not a plain user", "uid and gid must not be 0");
  const room = describeRoom(plan, ground);
  return { files: [room.words, buildProgram(architecture), ...room.texts], scratch: room.scratch };
}

const refusal = (message: string, hint: string): BoundaryFault => new Fault({ code: "platform", message, hint });

const refusePlatform = (): BoundaryFault =>
  refusal(`no boundary for ${process.platform} on ${process.arch} yet`, "use Linux on x86-64 or aarch64");
