// `npm run battery`: every known way out of a boundary, tried for real against each target, judged by the machine outside.
// Exit 1 where ours let one through, or was silent where it must not be; 2 where nothing could be tried as asked.

import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { type Ground, openGround } from "./ground.ts";
import { isFailure, type Outcome, type Probe } from "./probe.ts";
import { probes } from "./probes/all.ts";
import { runProbe } from "./run.ts";
import { findTargets, type TargetName, targetNames } from "./targets/all.ts";
import type { Target } from "./targets/target.ts";

const help = `npm run battery -- [--target T,…] [--only ID,…] [--decisive] [--as user|root] [--json F] [--list]

Tries ways out of a boundary from inside it, and says what the machine outside saw.

  --target T,…   ${targetNames.join(", ")}; postern where left out
                 srt and codex are fetched from npm's registry into /var/tmp the first time
  --only ID,…    these probes alone
  --decisive     those that run in npm test
  --as root      the person is root; needs root, and no target but postern
  --json F       outcomes as JSON, too
  --list         the probes, and nothing is tried

outcomes  blocked+recorded, blocked+silent, blocked-by-absence (nothing there to reach), landed+swept (a new control
          file, put away by itself), recorded (let happen by design, on the record), escaped, not-applicable, broken
`;

interface Row {
  readonly id: string;
  readonly outcomes: Readonly<Record<string, Outcome>>;
}

const { values } = parseArgs({
  options: {
    target: { type: "string", default: "postern" },
    only: { type: "string" },
    json: { type: "string" },
    as: { type: "string", default: "user" },
    decisive: { type: "boolean", default: false },
    list: { type: "boolean", default: false },
    help: { type: "boolean", short: "h", default: false },
  },
});

if (values.help) process.stdout.write(help);
else if (values.list) for (const { id, title } of probes) process.stdout.write(`${id.padEnd(34)} ${title}\n`);
else await tryOut();

async function tryOut(): Promise<void> {
  const [names, chosen] = [chooseTargets(values.target), chooseProbes(values.only)];
  const root = values.as === "root";
  if (values.as !== "user" && !root) return refuse(`--as is user or root, not ${values.as}`);
  if (typeof names === "string") return refuse(names);
  if (typeof chosen === "string") return refuse(chosen);
  if (root && (process.getuid?.() !== 0 || names.some((name) => !name.startsWith("postern"))))
    return refuse("--as root needs root, and no target but postern: a control that is root could change this machine");
  const { targets, missing } = await findTargets(names);
  for (const line of missing) process.stderr.write(`battery: ${line}\n`);
  if (targets.length < names.length) process.exitCode = 2;
  await using ground = await openGround(root);
  const rows: Row[] = [];
  for (const probe of chosen) rows.push({ id: probe.id, outcomes: await tryAll(probe, targets, ground) });
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(rows, undefined, 2)}\n`);
}

function refuse(why: string): void {
  process.stderr.write(`battery: ${why}\nbattery: hint: npm run battery -- --help\n`);
  process.exitCode = 2;
}

function chooseTargets(words: string): readonly TargetName[] | string {
  const names: TargetName[] = [];
  for (const word of words.split(",")) {
    const name = targetNames.find((known) => known === word);
    if (name === undefined) return `no target is called ${word}`;
    names.push(name);
  }
  return names;
}

function chooseProbes(words: string | undefined): readonly Probe[] | string {
  if (words === undefined) return probes.filter(({ decisive }) => !values.decisive || decisive === true);
  const ids = words.split(",");
  const unknown = ids.find((id) => !probes.some((probe) => probe.id === id));
  return unknown === undefined ? probes.filter(({ id }) => ids.includes(id)) : `no probe is called ${unknown}`;
}

async function tryAll(probe: Probe, targets: readonly Target[], ground: Ground): Promise<Record<string, Outcome>> {
  const outcomes: Record<string, Outcome> = {};
  for (const target of targets) {
    const outcome = await runProbe(probe, target, ground);
    outcomes[target.name] = outcome;
    const why = "why" in outcome ? `  ${outcome.why}` : "";
    process.stdout.write(`${probe.id.padEnd(34)} ${target.name.padEnd(15)} ${outcome.kind}${why}\n`);
    if (target.name.startsWith("postern") && isFailure(outcome)) process.exitCode = 1;
  }
  return outcomes;
}
