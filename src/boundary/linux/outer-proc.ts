// Where the kernel gives the helper's process namespace no /proc of its own, there is only this system's. It is laid aside
// below a /proc made here, in this mount namespace alone, so that bubblewrap, which counts processes as its own namespace
// does, finds under those numbers nothing, and never somebody else's. Nothing of it is shown inside but `view/proc.ts`.

import { mkdirSync, symlinkSync } from "node:fs";
import { limits } from "./limits.ts";

/** Where this system's own stands then, for whoever binds from it. */
export const outerProc = "/proc/outer";

/** Under any other name there would be the caller's own paths: /tmp is covered for a moment, before anything needs it. */
const staging = "/tmp";

/** Runs in the helper. `mount`: mount(8). */
export async function layProcAside(mount: (...words: readonly string[]) => Promise<void>): Promise<void> {
  await mount("-t", "tmpfs", "-o", "mode=755,size=1m", "none", staging);
  mkdirSync(`${staging}/outer`);
  await mount("--rbind", "/proc", `${staging}/outer`);
  for (const name of ["self", "sys"]) symlinkSync(`outer/${name}`, `${staging}/${name}`);
  symlinkSync("self/net", `${staging}/net`);
  // bubblewrap opens /proc/<its child>/ns, by the number its own namespace gave, to tell of namespaces; it may find none
  mkdirSync(`${staging}/none/ns`, { recursive: true });
  for (let pid = 2; pid <= limits.helperProcesses; pid += 1) symlinkSync("none", `${staging}/${pid}`);
  await mount("--move", staging, "/proc");
}
