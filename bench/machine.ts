// Where the figures were taken: printed above the table and kept beside every result.

import { readFileSync } from "node:fs";
import { cpus, loadavg, release, totalmem } from "node:os";

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  /** GiB. */
  readonly memory: number;
  readonly kernel: string;
  readonly system: string;
  readonly node: string;
  /** One-minute load average before the first measurement: above 0.5 others were working here too. */
  readonly load: number;
}

export function describeMachine(): Machine {
  const system = /^PRETTY_NAME="(.*)"$/m.exec(readFileSync("/etc/os-release", "utf8"))?.[1] ?? "unknown";
  const [load = 0] = loadavg();
  return {
    cpu: cpus()[0]?.model.trim() ?? "unknown",
    cores: cpus().length,
    memory: Math.round(totalmem() / 2 ** 30),
    kernel: release(),
    system,
    node: process.version,
    load: Number(load.toFixed(2)),
  };
}
