// Where a client that PATH names lies, for what it brings with it: its own default registry stands there. A program that the
// workspace names is the project's and is passed over; what lies in the workspace is never read anyhow.

import { realpathSync } from "node:fs";
import { isAbsolute, join } from "node:path";
import { isWithin } from "../../policy/way.ts";
import type { Surroundings } from "./settings.ts";

/** Entries of PATH looked at. */
const most = 200;

/** Every program of that name, links followed; in the order of PATH. */
export function programsOf(name: string, { variables, workspace, noted }: Surroundings): string[] {
  const entries = (variables["PATH"] ?? "").split(":", most).filter(isAbsolute);
  return entries.flatMap((entry) => {
    const found = realOf(join(entry, name));
    if (found === undefined || isWithin(join(entry, name), workspace)) return [];
    // what lies in the workspace is passed over by whoever reads
    if (!isWithin(found, realOf(workspace) ?? workspace)) noted.set(join(entry, name), "");
    return [found];
  });
}

function realOf(path: string): string | undefined {
  try {
    return realpathSync.native(path);
  } catch {
    return undefined;
  }
}
