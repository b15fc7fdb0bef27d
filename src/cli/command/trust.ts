// `postern trust`: shows what this checkout's policy asks for beyond narrowing, and grants that very file.

import { appendFileSync } from "node:fs";
import type { PolicyFault } from "../../policy/fault.ts";
import { readPolicy } from "../../policy/read.ts";
import { renderFaults } from "../../policy/render.ts";
import { trustRecord } from "../../policy/trust.ts";
import { openState } from "../../session/state.ts";
import { lookAround } from "../around.ts";
import { agree } from "../consent.ts";
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
  for (const notice of requested) print(tellRequest(notice));
  const question = "grant this to every session in a checkout with this very file? [y/N] ";
  if (!options.yes && !(await agree(question, "look at the file, then: postern trust --yes"))) {
    warn("nothing was granted");
    return 1;
  }
  openState(state.directory);
  for (const { path: file, digest } of untrusted)
    appendFileSync(state.trust, trustRecord({ path: file, digest, by: caller.name, at: new Date() }), { mode: 0o600 });
  print("granted");
  return 0;
}

/**
 * What is asked for, whole: the line it stands on may hold other things as well, and more than fits. *Attacker-controlled*.
 */
export function tellRequest({ file, line, key, example }: PolicyFault): string {
  const value = example.split("\n").at(-1)?.trim() ?? "";
  return `${show(file, 100)}:${line}  ${show(key)}  ${show(value, value.length + 1)}`;
}
