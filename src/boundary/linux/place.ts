// What this machine offers to the walls built on it, and what the tool has to do without for that.

import type { Lack } from "../../domain/session.ts";
import { findCovers } from "./covers.ts";
import type { Proc } from "./entrance.ts";
import { writable } from "./remedies.ts";

export interface Place {
  readonly proc: Proc;
  /** The kernel has IPv6. */
  readonly v6: boolean;
  /** Its own servers may stand on ports below 1024. */
  readonly lowPorts: boolean;
  /** The number of user namespaces can be bounded. */
  readonly boundsUsers: boolean;
}

export interface Offered extends Pick<Place, "proc" | "lowPorts"> {
  /** Everything inside together is bounded in memory. */
  readonly bounded: boolean;
}

/** What is missing inside. The walls are whole all the same: nothing of this is a wall. */
export function lacksOf({ proc, lowPorts, bounded }: Offered): readonly Lack[] {
  return [
    ...(proc === "outer" ? (["proc"] as const) : []),
    ...(lowPorts ? [] : (["low-ports"] as const)),
    ...(bounded ? [] : (["memory-bound"] as const)),
  ];
}

/** Why it is missing, and what gives it back. */
/** `without`: why there is no cgroup. */
export function explainLack(lack: Lack, without: string): { readonly seen: string; readonly remedy: string } {
  if (lack === "low-ports")
    return {
      seen: "none: /proc/sys is unwritable here, so the tool's own servers need ports from 1024 on",
      remedy: writable,
    };
  if (lack === "memory-bound")
    return {
      seen: `none for everything inside together: ${without}; ${process.getuid?.() === 0 ? "nor for processes, since root's are not counted" : "processes are bounded all the same"}, and when the machine runs out of memory what is inside is ended first`,
      remedy: "systemd-run --user --scope -- postern run …, where systemd keeps cgroups of version 2",
    };
  const covers = findCovers();
  const more = covers.length > 4 ? ` and ${covers.length - 4} more places` : "";
  return {
    seen: `none: this system's own is covered at ${covers.slice(0, 4).join(", ")}${more}, and the kernel gives an ordinary user no other; inside there is no ps, /dev/stdin, /dev/fd or <(…), and programs that need /proc/self fail`,
    remedy: `${writable}; or run postern as root in it, or outside it`,
  };
}
