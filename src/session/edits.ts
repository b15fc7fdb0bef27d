// What a session may write: the checkouts themselves, or private copies. A landing that was cut short here before is taken
// to its end first. Copies and landings are loaded only where there are any: a live session does not wait for them.

import { existsSync } from "node:fs";
import { type Checkouts, openLive } from "./checkout.ts";
import type { Prepared } from "./prepare.ts";
import { wholeView } from "./view.ts";

/** Throws a Fault. */
export async function openCheckouts(prepared: Prepared): Promise<Checkouts> {
  if (existsSync(`${prepared.state.directory}/staged`)) await (await import("./land.ts")).finishLandings(prepared);
  const { hide, mask } = prepared.policy.files;
  const view = hide.length + mask.length === 0 ? wholeView : await (await import("./open-view.ts")).openView(prepared);
  if (prepared.session.edits === "live") return openLive(prepared, view);
  return (await import("./staged.ts")).openStaged(prepared, view);
}
