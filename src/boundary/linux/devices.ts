// The host's device nodes that are shown inside, or handed in as standard input and output. They are bound, so whoever
// owns them (root) could change their mode and times there for the whole machine; a device on a read-only mount can be
// written to all the same, and its node cannot be changed. Runs in the helper, but for the list.

import { closeSync, fstatSync, openSync, readFileSync, type Stats, statSync } from "node:fs";
import type { Mounting } from "./foundation.ts";
import { holderOf, parseMounts } from "./mountinfo.ts";

/** Those of bubblewrap's `--dev`. */
const shown = ["null", "zero", "full", "random", "urandom", "tty"].map((name) => `/dev/${name}`);

export const isShown = (stats: Stats): boolean => stats.isCharacterDevice() && pathOf(stats) !== undefined;

/** Those that this process could change. */
export const findOwnDevices = (): readonly string[] =>
  shown.filter((path) => statSync(path, { throwIfNoEntry: false })?.uid === process.getuid?.());

function pathOf({ rdev }: Stats): string | undefined {
  return shown.find((path) => statSync(path, { throwIfNoEntry: false })?.rdev === rdev);
}

/** What makes them unchangeable, in this mount namespace alone. */
export function sealDevices(devices: readonly string[]): readonly Mounting[] {
  const mounts = parseMounts(readFileSync("/proc/self/mountinfo", "utf8"));
  const binds: Mounting[] = [];
  const remounts = new Map<string, string>();
  for (const path of devices) {
    const { point, options } = holderOf(path, mounts) ?? { point: "/", options: [] };
    // what is locked may not be left out
    const flags = [...options.filter((option) => option !== "rw" && option !== "ro"), "ro"].join(",");
    if (point === "/dev" || point === path) remounts.set(point, `remount,bind,${flags}`);
    else binds.push(["--bind", "-o", flags, path, path]); // nodes made on a file system that is written to
  }
  return [...binds, ...[...remounts].map(([point, flags]): Mounting => ["-o", flags, point])];
}

/** The same device through the sealed mount, where the descriptor is of one; else the descriptor itself. */
export function reopenSealed(descriptor: number): number {
  const stats = fstatSync(descriptor);
  const path = stats.isCharacterDevice() ? pathOf(stats) : undefined;
  if (path === undefined) return descriptor;
  const flags = /^flags:\t(\d+)$/m.exec(readFileSync(`/proc/self/fdinfo/${descriptor}`, "utf8"))?.[1] ?? "0";
  const reopened = openSync(path, Number.parseInt(flags, 8) & 0o3);
  closeSync(descriptor);
  return reopened;
}
