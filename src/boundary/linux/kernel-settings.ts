// Settings of the helper's own namespaces, through /proc/sys. Runs in the helper. A container may show all of them
// unwritable; what can be done without is then said, what cannot is an error.

import { closeSync, existsSync, openSync, readFileSync, writeFileSync } from "node:fs";

/** The namespace is the tool's own: its servers may stand on 80 and 443 as well. False where they cannot. */
export function openLowPorts(): boolean {
  return succeeds(() => writeFileSync("/proc/sys/net/ipv4/ip_unprivileged_port_start", "0"));
}

/** Whether bubblewrap could say how many user namespaces there may be. Changes nothing. */
export function canBoundUsers(): boolean {
  return succeeds(() => closeSync(openSync("/proc/sys/user/max_user_namespaces", "r+")));
}

/** IPv6 switched off by a host-wide setting is switched on here; where the kernel has none, none can leave. */
export function wakeV6(): boolean {
  if (!existsSync("/proc/net/if_inet6")) return false;
  const setting = "/proc/sys/net/ipv6/conf/lo/disable_ipv6";
  if (readFileSync(setting, "utf8").trim() !== "0") writeFileSync(setting, "0");
  return true;
}

function succeeds(work: () => void): boolean {
  try {
    work();
    return true;
  } catch {
    return false;
  }
}
