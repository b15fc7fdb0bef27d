// How a script that lies elsewhere starts this very Postern: by absolute paths, so that neither PATH nor a version manager's
// choice of Node has a say in it.

import { realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import { Fault } from "../../domain/fault.ts";

export interface OwnCommand {
  /** Program and arguments. */
  readonly words: readonly string[];
  /** Files without which it cannot start. */
  readonly needs: readonly string[];
}

/** `script`: the file Node was told to run; `node`: the Node that runs it. Throws a Fault where neither will be there tomorrow. */
export function ownCommand(script: string, node: string): OwnCommand {
  const file = realpathSync(script);
  if (file.includes("/_npx/"))
    throw new Fault({
      code: "fetched",
      message: "this Postern was fetched for one command and may be gone tomorrow",
      hint: "npm install --global postern, then: postern setup",
    });
  if (file.endsWith(".ts")) {
    const launcher = join(dirname(file), "../../postern");
    return { words: [launcher], needs: [launcher] };
  }
  return { words: [node, "--disable-warning=ExperimentalWarning", file], needs: [node, file] };
}
