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

/** What is missing inside. The walls are whole all the same: nothing of this is a wall. */
export function lacksOf({ proc, lowPorts }: Place): readonly Lack[] {
  return [...(proc === "outer" ? (["proc"] as const) : []), ...(lowPorts ? [] : (["low-ports"] as const))];
}

/** Why it is missing, and what gives it back. */
export function explainLack(lack: Lack): { readonly seen: string; readonly remedy: string } {
  if (lack === "low-ports")
    return {
      seen: "none: /proc/sys is unwritable here, so the tool's own servers need ports from 1024 on",
      remedy: writable,
    };
  const covers = findCovers();
  const more = covers.length > 4 ? ` and ${covers.length - 4} more places` : "";
  return {
    seen: `none: this system's own is covered at ${covers.slice(0, 4).join(", ")}${more}, and the kernel gives an ordinary user no other; inside there is no ps, /dev/stdin, /dev/fd or <(…), and programs that need /proc/self fail`,
    remedy: `${writable}; or run postern as root in it, or outside it`,
  };
}
