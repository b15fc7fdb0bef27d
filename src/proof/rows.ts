// Every row of a proof, area by area, in the order in which they are printed.

import type { Evidence, Row } from "./row.ts";
import { controlRows } from "./rows/control.ts";
import { credentialRows } from "./rows/credentials.ts";
import { fileRows } from "./rows/files.ts";
import { kernelRows } from "./rows/kernel.ts";
import { networkRows } from "./rows/network.ts";
import { commandRows, processRows } from "./rows/processes.ts";
import { stanceRows } from "./rows/stance.ts";
import { veilRows } from "./rows/veil.ts";

const parts: readonly ((evidence: Evidence) => Row[])[] = [
  stanceRows,
  fileRows,
  veilRows,
  controlRows,
  networkRows,
  kernelRows,
  processRows,
  commandRows,
  credentialRows,
];

export function rowsOf(evidence: Evidence): readonly Row[] {
  return parts.flatMap((part) => part(evidence));
}
