// One defence taken out, its probes tried: a process of its own, for whoever watches a probe must not be kept waiting.
// Argument: the defence's id; says a `Removal` as JSON.

import { openGround } from "../ground.ts";
import { isFailure, type Outcome } from "../probe.ts";
import { probes } from "../probes/all.ts";
import { runProbe } from "../run.ts";
import { posternTarget } from "../targets/postern.ts";
import { defences } from "./all.ts";
import type { Defence } from "./defence.ts";
import { buildWithout } from "./without.ts";

export interface Removal {
  readonly id: string;
  readonly what: string;
  readonly file: string;
  readonly outcomes: Readonly<Record<string, Outcome>>;
  /** Probes that show that it is gone. */
  readonly red: readonly string[];
}

if (process.argv[1] === import.meta.filename) process.stdout.write(JSON.stringify(await remove(process.argv[2] ?? "")));

async function remove(id: string): Promise<Removal> {
  const defence = defences.find((one) => one.id === id);
  if (defence === undefined) throw new Error(`no defence is called ${id}`);
  using weakened = buildWithout(defence);
  await using ground = await openGround(false);
  const target = posternTarget(defence.edits ?? "live", "", weakened.program);
  const outcomes: Record<string, Outcome> = {};
  for (const name of defence.probes) {
    const probe = probes.find((one) => one.id === name);
    if (probe === undefined) throw new Error(`no probe is called ${name}`);
    outcomes[name] = await runProbe(probe, target, ground);
  }
  const red = Object.entries(outcomes).flatMap(([name, outcome]) => (isRed(defence, outcome) ? [name] : []));
  return { id, what: defence.what, file: defence.without[0]?.file ?? "", outcomes, red };
}

/** A build that does not run at all shows nothing. */
function isRed({ slower }: Defence, outcome: Outcome): boolean {
  if (outcome.kind === "landed+swept") return slower !== undefined && outcome.seconds > slower;
  return outcome.kind !== "broken" && isFailure(outcome);
}
