// For tests: a place as many a container is, with /proc covered in part, so that the kernel refuses an ordinary user a fresh
// one. Built with bubblewrap, by root for another user, or by an ordinary user for itself. Used by nothing else.

import { statSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { findCovers } from "./covers.ts";

const checkout = fileURLToPath(new URL("../../../", import.meta.url)).replace(/\/$/, "");
const root = process.getuid?.() === 0;

/** /proc/sys unwritable and more covered, as Docker does it. */
export const asInDocker: readonly string[] = [
  ...["/proc/sys", "/proc/fs", "/proc/bus"].flatMap((path) => ["--ro-bind", path, path]),
  ...["/proc/timer_list", "/proc/keys"].flatMap((path) => ["--ro-bind", "/dev/null", path]),
];

export const become = (uid: number): readonly string[] => [
  "setpriv",
  `--reuid=${uid}`,
  `--regid=${uid}`,
  "--clear-groups",
  "--",
];

/** Root as Docker's is: it may change files and users, and mount nothing. */
export const dockersRoot: readonly string[] = [
  "setpriv",
  "--bounding-set=-all,+chown,+dac_override,+fowner,+fsetid,+kill,+setgid,+setuid,+setpcap,+net_bind_service,+setfcap",
  "--",
];

const view = ["bwrap", "--bind", "/", "/", "--dev-bind", "/dev", "/dev", "--die-with-parent"];

/** The words before a command that root runs as somebody who may not pass into the checkout by itself. */
export function enterAs(by: readonly string[]): readonly string[] {
  const shown = showTo();
  return shown.length === 0 ? by : [...view, ...shown, "--cap-add", "ALL", "--", ...by];
}

/** The words before a command. `more`: for bubblewrap, after everything else. `by`: who it is to be, where root starts it. */
export function enterCovered(more: readonly string[] = [], by = become(65_534)): readonly string[] {
  const fresh = ["--unshare-pid", "--proc", "/proc", "--ro-bind", "/proc/irq", "/proc/irq"];
  if (root) return [...view, ...showTo(), ...fresh, ...more, "--cap-add", "ALL", "--", ...by];
  return [...view, ...(findCovers().length > 0 ? [] : fresh), ...more, "--"];
}

/** What lies in a directory closed to others (a checkout in root's home) is shown in one that is open. */
function showTo(): readonly string[] {
  const closed = [checkout, process.execPath].map((path) => [path, closedAbove(path)] as const);
  const tops = new Set(closed.flatMap(([, top]) => top ?? []));
  const shown = closed.flatMap(([path, top]) =>
    top === undefined ? [] : [...between(top, path), "--ro-bind", path, path],
  );
  return [...[...tops].flatMap((top) => ["--perms", "0755", "--tmpfs", top]), ...shown];
}

/** bubblewrap makes the directories on the way to what it binds, but closed to others. */
function between(top: string, path: string): readonly string[] {
  const parent = dirname(path);
  return parent === top ? [] : [...between(top, parent), "--perms", "0755", "--dir", parent];
}

/** The highest directory above that others may not pass. */
function closedAbove(path: string): string | undefined {
  const parent = dirname(path);
  const higher = parent === "/" ? undefined : closedAbove(parent);
  return higher ?? ((statSync(parent).mode & 0o001) === 0 ? parent : undefined);
}
