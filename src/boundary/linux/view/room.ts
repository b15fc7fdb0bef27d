// A plan in, everything bubblewrap is told out: namespaces, identity, environment, the file view in order. The command
// itself comes later, when it is known.

import { readFileSync } from "node:fs";
import type { Plan } from "../../contract.ts";
import { seccompPlace, statusPlace } from "../channel.ts";
import type { Place } from "../place.ts";
import { hostname } from "./accounts.ts";
import { type Collected, collectArguments } from "./arguments.ts";
import { addBase, addJavaStores, ours } from "./base.ts";
import { addMounts } from "./mounts.ts";

/** `words` for `--args`, texts in the order of their descriptors. */
export type Room = Collected;

/** What the view stands on. */
export interface Ground extends Pick<Place, "proc" | "boundsUsers"> {
  /** The program itself. */
  readonly bwrap: string;
}

/** Throws a BoundaryFault where a mount is refused, a RangeError where a text holds NUL. */
export function describeRoom(plan: Plan, { bwrap, proc, boundsUsers }: Ground): Room {
  const args = collectArguments();
  const { uid, gid } = plan.identity;
  args.add("--unshare-user", "--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try");
  // Debian 12 has it, Ubuntu 22.04 does not; it sets a number, which a container may show unwritable. Seccomp forbids the
  // same. Asking the program would cost a start of it
  if (boundsUsers && readFileSync(bwrap).includes("--disable-userns")) args.add("--disable-userns");
  args.add("--uid", String(uid), "--gid", String(gid), "--hostname", hostname);
  args.add("--die-with-parent", "--new-session", "--cap-drop", "ALL");
  args.add("--seccomp", String(seccompPlace), "--json-status-fd", String(statusPlace));
  args.add("--clearenv");
  for (const [name, value] of Object.entries(plan.environment)) args.add("--setenv", name, value);
  addBase(args, plan, proc);
  addMounts(args, plan.mounts);
  addJavaStores(args, plan);
  args.add("--remount-ro", ours, "--remount-ro", "/", "--chdir", plan.directory);
  return args.finish();
}
