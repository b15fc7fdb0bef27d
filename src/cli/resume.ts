// A landing that was cut short, taken to its end before anything else is said of its checkout.

import { type Lander, resumeLandings, sayResumed } from "../session/land.ts";
import type { Around } from "./around.ts";
import { warn } from "./speech.ts";
import { show } from "./table.ts";

export async function resume(around: Around, workspaces: readonly string[]): Promise<void> {
  for (const workspace of new Set(workspaces))
    for (const resumed of await resumeLandings(lander(around), workspace)) {
      const { text, hint } = sayResumed(resumed);
      warn(show(text, 1000), hint);
    }
}

export function lander({ state, caller }: Around): Lander {
  return { state, person: { name: caller.name, uid: caller.uid, host: caller.host } };
}
