// Which of the caller's three may go inside as they are: pipes, and Unix sockets that lead to one end for good. A socket belongs
// to the network it was made in, wherever it is used: inside, one of this machine's could be led anywhere, past every door.

import { fstatSync } from "node:fs";
import { Fault } from "../../../domain/fault.ts";
import type { BoundaryFault, Streams } from "../../contract.ts";
import type { Native } from "../native.ts";

const names = { input: "standard input", output: "standard output", errors: "standard errors" } as const;

/** Throws a BoundaryFault. Files, devices and terminals are carried, and directories refused, where that is done. */
export async function checkHanded(streams: Streams | undefined, load: () => Promise<Native>): Promise<void> {
  if (streams === undefined) return;
  for (const name of ["input", "output", "errors"] as const) {
    const stats = fstatSync(streams[name]);
    const carried = stats.isFile() || stats.isDirectory() || stats.isCharacterDevice() || stats.isBlockDevice();
    if (carried || stats.isFIFO()) continue;
    if (!stats.isSocket() || !(await load()).leadsToOne(streams[name])) throw refusal(names[name]);
  }
}

const refusal = (what: string): BoundaryFault =>
  new Fault({
    code: "no-terminal",
    message: `${what} is neither a pipe, a file nor a terminal: by a network's socket the tool could reach all of that network`,
    hint: "put a pipe between: cat | postern run … | cat",
  });
