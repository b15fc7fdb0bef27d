// Where a person's state lies, told from the environment alone; apart from what is in it, because it is asked for first.

import { join } from "node:path";

/** `$POSTERN_HOME`, else `$XDG_STATE_HOME/postern`, else `~/.local/state/postern`. */
export function stateDirectory(environment: Readonly<Record<string, string | undefined>>, home: string): string {
  const { POSTERN_HOME: own, XDG_STATE_HOME: xdg } = environment;
  if (own?.startsWith("/")) return own;
  return xdg?.startsWith("/") ? join(xdg, "postern") : join(home, ".local/state/postern");
}
