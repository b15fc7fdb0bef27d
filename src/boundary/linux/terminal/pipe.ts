// A pipe of our own, both ends closed on exec. Throws a BoundaryFault where none is left to be had.

import { Fault } from "../../../domain/fault.ts";
import type { BoundaryFault } from "../../contract.ts";
import type { Native } from "../native.ts";

export interface Pipe {
  readonly read: number;
  readonly write: number;
}

export function openPipe(native: Native): Pipe {
  const [read, write] = native.pipe() ?? [];
  if (read === undefined || write === undefined) throw noPipe;
  return { read, write };
}

const noPipe: BoundaryFault = new Fault({
  code: "no-terminal",
  message: "no pipe could be made",
  hint: "raise the limit of open files: ulimit -n",
});
