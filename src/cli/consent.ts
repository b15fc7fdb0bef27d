// A yes or no asked of the person at the terminal; nobody there is a no.

import { createInterface } from "node:readline/promises";
import { warn } from "./speech.ts";

/** `otherwise`: what to type where nobody can be asked. */
export async function agree(question: string, otherwise: string): Promise<boolean> {
  if (process.stdin.isTTY !== true) {
    warn("nobody is here to be asked", otherwise);
    return false;
  }
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(?:es)?$/i.test((await terminal.question(question)).trim());
  } finally {
    terminal.close();
  }
}
