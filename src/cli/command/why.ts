// `postern why`: which rule decides for a host, a URL or a path here, and the line that would change it.

import { explain } from "../../decision/explain.ts";
import { readPolicy } from "../../policy/read.ts";
import { renderFaults } from "../../policy/render.ts";
import { lookAround } from "../around.ts";
import { print, say, warn } from "../speech.ts";
import { show } from "../table.ts";

export interface WhyFlags {
  readonly tool?: string;
  readonly policy?: string;
  readonly json: boolean;
}

export async function why(what: string, flags: WhyFlags): Promise<number> {
  const { sources, workspace, caller } = lookAround(flags);
  const outcome = await readPolicy(sources);
  if (!outcome.ok) {
    say(renderFaults(outcome.faults).trimEnd());
    return 1;
  }
  const told = explain(outcome.policy, what, { workspace, home: caller.home });
  if (told === undefined) {
    warn(
      `"${show(what, 80)}" is no host, URL or path`,
      "postern why api.example.com, or postern why 'POST https://api.example.com/v1/things'",
    );
    return 2;
  }
  if (flags.json) {
    print(JSON.stringify(told));
    return 0;
  }
  const { place, change } = told;
  print(`${show(told.subject, 200)}: ${told.answer}`);
  print(`  rule    ${told.rule}${place === undefined ? "" : `  (${place.file}:${place.line}:${place.column})`}`);
  print(`  reason  ${show(told.reason, 300)}`);
  for (const notice of told.silent) print(`  silent  ${notice.file}:${notice.line}: ${show(notice.message, 200)}`);
  if (change.kind === "remove") print(`\nto change that, take out ${change.place.file}:${change.place.line}`);
  else print(`\nto change that, in your own policy:\n${change.yaml.replaceAll(/^/gm, "  ")}`);
  return 0;
}
