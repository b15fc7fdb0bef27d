// How much everything inside may have together: generous, since builds need several GiB, and less than what takes the machine down.

import { totalmem } from "node:os";
import type { Amounts } from "../../contract.ts";
import { resources } from "../limits.ts";

const GiB = 2 ** 30;

/** `machine`: bytes of memory there are. */
export function amountsOf(machine = totalmem()): Amounts {
  const scratch = Math.floor(machine / 2 / 4096) * 4096;
  return {
    memory: Math.max(4 * GiB, Math.floor((machine * 3) / 4)),
    processes: resources.nproc,
    // what the kernel gives one such directory by itself; here all of them share it
    scratch,
    // a file takes about one KiB of the kernel's own memory, whatever is in it
    scratchFiles: Math.floor(scratch / 8192),
  };
}
