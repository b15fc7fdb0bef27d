// The published bundle's own code is compiled once and kept. Whoever can write what is kept has a say in what we do: so it
// lies in the state directory, which is never shown inside, and is used only where that is its owner's alone.

import { statSync } from "node:fs";
import { enableCompileCache } from "node:module";
import { join } from "node:path";
import { stateDirectory } from "../session/state-directory.ts";
import { readCaller } from "./caller.ts";

/** For all that is loaded from now on; the first run there makes the directory, the second keeps code in it. */
export function keepCompiled(): void {
  if (import.meta.url.endsWith(".ts")) return;
  const { environment, home } = readCaller();
  const state = stateDirectory(environment, home);
  if (isPrivate(state)) enableCompileCache(join(state, "code"));
}

export function isPrivate(directory: string): boolean {
  const found = statSync(directory, { throwIfNoEntry: false });
  return found?.isDirectory() === true && found.uid === process.getuid?.() && (found.mode & 0o077) === 0;
}
