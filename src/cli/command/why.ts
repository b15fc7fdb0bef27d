// `postern why`: which rule decides for a host, a URL, a path or a command here, and the line that would change it; for an
// entry of the record, which rule decided then.

import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { type Explanation, explain } from "../../decision/explain.ts";
import type { Policy } from "../../policy/policy.ts";
import { profileNamed, profiles } from "../../policy/profile.ts";
import { readPolicy } from "../../policy/read.ts";
import { renderFaults } from "../../policy/render.ts";
import { countLabelled } from "../../session/sources/counting.ts";
import { type Around, lookAround } from "../around.ts";
import { quote } from "../quote.ts";
import { print, say, warn } from "../speech.ts";
import { plural, show } from "../table.ts";
import { commandIn, tellCommand } from "./why-command.ts";
import { describeEntry, findEntry } from "./why-entry.ts";

export interface WhyFlags {
  readonly tool?: string;
  readonly policy?: string;
  readonly json: boolean;
}

/** Commander's own command: it alone knows whether `--` was typed. */
interface Typed {
  readonly parent?: { readonly rawArgs: readonly string[] } | null;
}

export async function why(words: readonly string[], flags: WhyFlags, typed?: Typed): Promise<number> {
  const what = words.join(" ");
  const command = typed?.parent?.rawArgs.includes("--") === true ? words : commandIn(words);
  if (command === undefined && /^\d{1,15}$/.test(what)) return whyEntry(Number(what), flags);
  const around = lookAround(flags);
  if (command !== undefined) return explainNow(command, around, flags);
  const here = resolve(around.caller.directory, what);
  // a file's name may look like a host's
  return explainNow(existsSync(here) ? here : what, around, flags);
}

/** What was decided then, and what would be now. */
async function whyEntry(index: number, flags: WhyFlags): Promise<number> {
  const question = findEntry(index);
  if (question === undefined) return 1;
  const { entry, subject, tool, workspace } = question;
  const { leaf, sealed } = entry;
  if (flags.json) print(JSON.stringify({ index, ...leaf, sealed: sealed ?? null }));
  else describeEntry(question);
  if (subject === undefined) return 0;
  if (workspace === undefined) {
    if (!flags.json)
      warn("its checkout is no more, and with it the policy", `ask in another:  postern why ${quote(subject)}`);
    return 0;
  }
  const ran = tool === undefined || profileNamed(tool) === undefined ? {} : { tool };
  const under = { ...ran, ...flags };
  if (!flags.json) print("\nnow:");
  return explainNow(subject, lookAround({ ...under, path: workspace }), under);
}

/** `subject`: a host, URL or path; or a command's words. */
async function explainNow(subject: string | readonly string[], around: Around, flags: WhyFlags): Promise<number> {
  const outcome = await readPolicy(around.sources);
  if (!outcome.ok) {
    say(renderFaults(outcome.faults).trimEnd());
    return 1;
  }
  const { workspace, caller } = around;
  const told =
    typeof subject === "string"
      ? explain(outcome.policy, subject, { workspace, home: caller.home })
      : tellCommand(outcome.policy, subject, around);
  if (told === undefined) {
    const examples =
      "postern why api.example.com, postern why 'POST https://api.example.com/v1/things', postern why -- git push";
    warn(`"${show(String(subject), 80)}" is no host, URL, path, command or entry`, examples);
    return 2;
  }
  const called = told.subject.startsWith("/") ? await labelsOf(outcome.policy, told.subject) : [];
  if (flags.json) {
    print(JSON.stringify(called.length === 0 ? told : { ...told, labels: called }));
    return 0;
  }
  describe(told);
  for (const { label, files } of called) print(`  label   ${label}, ${plural(files, "file")}`);
  if (told.answer === "refused" && flags.tool === undefined && typeof subject === "string")
    await tellTools(subject, around);
  return 0;
}

/** What the files at or below a path are called. */
async function labelsOf(policy: Policy, path: string) {
  const { labels } = await countLabelled(policy, path);
  return labels.filter(({ files }) => files > 0);
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
  print(
    `\nallowed to ${[first, ...more].join(", ")}, by a profile: postern why --tool ${first} ${quote(show(subject))}`,
  );
}
