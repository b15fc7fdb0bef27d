// `npm run battery [-- --target T,… --only ID,… --json F --as user|root]`: every known way out of a boundary, tried for real
// against each target, judged by the machine outside. Exit 1 where ours let one through, or was silent where it must not be.

import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { openGround } from "./ground.ts";
import { isFailure, type Outcome, type Probe } from "./probe.ts";
import { probes } from "./probes/all.ts";
import { runProbe } from "./run.ts";
import { findTargets, type TargetName, targetNames } from "./targets/all.ts";

export interface Row {
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
  },
});

const names = values.target.split(",").filter((name): name is TargetName => targetNames.some((one) => one === name));
const chosen = probes.filter(({ id, decisive }) =>
  values.only === undefined ? !values.decisive || decisive === true : values.only.split(",").includes(id),
);
const { targets, missing } = await findTargets(names);
for (const line of missing) process.stderr.write(`battery: ${line}\n`);

await using ground = await openGround(values.as === "root");
const rows: Row[] = [];
for (const probe of chosen) rows.push({ id: probe.id, outcomes: await tryAll(probe) });
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(rows, undefined, 2)}\n`);

async function tryAll(probe: Probe): Promise<Record<string, Outcome>> {
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
