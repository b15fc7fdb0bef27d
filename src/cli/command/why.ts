// `postern why`: which rule decides for a host, a URL or a path here, and the line that would change it.

import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { type Explanation, explain } from "../../decision/explain.ts";
import { profiles } from "../../policy/profile.ts";
import { readPolicy } from "../../policy/read.ts";
import { renderFaults } from "../../policy/render.ts";
import { type Around, lookAround } from "../around.ts";
import { print, say, warn } from "../speech.ts";
import { show } from "../table.ts";

export interface WhyFlags {
  readonly tool?: string;
  readonly policy?: string;
  readonly json: boolean;
}

export async function why(what: string, flags: WhyFlags): Promise<number> {
  const around = lookAround(flags);
  const outcome = await readPolicy(around.sources);
  if (!outcome.ok) {
    say(renderFaults(outcome.faults).trimEnd());
    return 1;
  }
  const here = resolve(around.caller.directory, what);
  // a file's name may look like a host's
  const subject = existsSync(here) ? here : what;
  const told = explain(outcome.policy, subject, { workspace: around.workspace, home: around.caller.home });
  if (told === undefined) {
    const examples = "postern why api.example.com, or postern why 'POST https://api.example.com/v1/things'";
    warn(`"${show(what, 80)}" is no host, URL or path`, examples);
    return 2;
  }
  if (flags.json) {
    print(JSON.stringify(told));
    return 0;
  }
  describe(told);
  if (told.answer === "refused" && flags.tool === undefined) await tellTools(subject, around);
  return 0;
}

function describe({ subject, answer, rule, reason, place, silent, change }: Explanation): void {
  print(`${show(subject, 200)}: ${answer}`);
  print(`  rule    ${rule}${place === undefined ? "" : `  (${place.file}:${place.line}:${place.column})`}`);
  print(`  reason  ${show(reason, 300)}`);
  for (const notice of silent) print(`  silent  ${notice.file}:${notice.line}: ${show(notice.message, 200)}`);
  if (change.kind === "remove") {
    print(`\nto change that, take out ${change.place.file}:${change.place.line}`);
    return;
  }
  const narrow = change.kind === "narrow";
  print(
    `\nto ${narrow ? "narrow" : "change"} that, in your own policy${narrow ? ", which replaces the default" : ""}:`,
  );
  print(change.yaml.replaceAll(/^/gm, "  "));
}

/** A tool that Postern knows may all the same: its profile says so. */
async function tellTools(subject: string, { sources, workspace, caller }: Around): Promise<void> {
  const asked = profiles.map(async ({ name }) => {
    const outcome = await readPolicy({ ...sources, profile: name });
    const told = outcome.ok ? explain(outcome.policy, subject, { workspace, home: caller.home }) : undefined;
    return told?.answer === "allowed" ? [name] : [];
  });
  const [first, ...more] = (await Promise.all(asked)).flat();
  if (first === undefined) return;
  const quoted = /^[\w.:-]+$/.test(subject) ? subject : `'${show(subject)}'`;
  print(`\nallowed to ${[first, ...more].join(", ")}, by a profile: postern why --tool ${first} ${quoted}`);
}
