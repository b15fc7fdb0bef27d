// `postern trust`: shows what this checkout's policy asks for beyond narrowing, and grants that very file.

import { appendFileSync } from "node:fs";
import { createInterface } from "node:readline/promises";
import { readPolicy } from "../../policy/read.ts";
import { renderFaults } from "../../policy/render.ts";
import { trustRecord } from "../../policy/trust.ts";
import { openState } from "../../session/state.ts";
import { lookAround } from "../around.ts";
import { print, say, warn } from "../speech.ts";
import { show } from "../table.ts";

export async function trust(path: string, options: { readonly yes: boolean }): Promise<number> {
  const { sources, state, caller } = lookAround({ path });
  const outcome = await readPolicy(sources);
  if (!outcome.ok) {
    say(renderFaults(outcome.faults).trimEnd());
    return 1;
  }
  const { untrusted, requested } = outcome.policy;
  if (untrusted.length === 0) {
    print("nothing to trust: this checkout's policy asks for nothing beyond what counts by itself");
    return 0;
  }
  for (const notice of requested)
    print(`${show(notice.file, 100)}:${notice.line}  ${show(notice.excerpt ?? notice.key, 120).trim()}`);
  if (!options.yes && !(await agree("grant this to every session in this checkout, until the file changes? [y/N] "))) {
    warn("nothing was granted");
    return 1;
  }
  openState(state.directory);
  for (const { path: file, digest } of untrusted)
    appendFileSync(state.trust, trustRecord({ path: file, digest, by: caller.name, at: new Date() }), { mode: 0o600 });
  print("granted");
  return 0;
}

async function agree(question: string): Promise<boolean> {
  if (process.stdin.isTTY !== true) {
    warn("nobody is here to be asked", "look at the file, then: postern trust --yes");
    return false;
  }
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(?:es)?$/i.test((await terminal.question(question)).trim());
  } finally {
    terminal.close();
  }
}
