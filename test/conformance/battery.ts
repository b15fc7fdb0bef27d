// The whole battery: every probe inside ours, as an ordinary user and as root, with live and with staged edits, inside both
// rivals with their defaults and with their strictest settings, and inside nothing at all.

import { availableParallelism } from "node:os";
import { openGround } from "../battery/ground.ts";
import { isFailure, type Outcome } from "../battery/probe.ts";
import { probes } from "../battery/probes/all.ts";
import { runProbe } from "../battery/run.ts";
import { findTargets, targetNames } from "../battery/targets/all.ts";
import type { Target } from "../battery/targets/target.ts";

export const folders = ["src/boundary", "src/gateway", "src/review", "src/session", "test/battery"];

export interface Column {
  /** `postern`, `postern as root` … */
  readonly name: string;
  readonly settings: string;
  readonly version: string;
}

export interface Row {
  readonly id: string;
  readonly technique: number;
  readonly title: string;
  readonly source: string;
  readonly uncontrolled: string | null;
  /** By column. */
  readonly outcomes: Readonly<Record<string, Outcome>>;
}

export async function battery() {
  const { targets, missing } = await findTargets(targetNames);
  const mighty = process.getuid?.() === 0;
  // a rival's view of root adds nothing, and a control that is root could change this machine
  const mine = targets.filter(({ name }) => mighty && name.startsWith("postern"));
  const passes = [
    ...targets.map((target) => ({ target, asRoot: false })),
    ...mine.map((target) => ({ target, asRoot: true })),
  ];
  const outcomes = new Map<string, Record<string, Outcome>>(probes.map(({ id }) => [id, {}]));
  const waiting = [...passes];
  const keep = (id: string, name: string, outcome: Outcome): void => {
    const row = outcomes.get(id);
    if (row !== undefined) row[name] = outcome;
    process.stderr.write(`${name.padEnd(22)} ${id.padEnd(34)} ${outcome.kind}\n`);
  };
  const work = async (): Promise<void> => {
    for (let pass = waiting.shift(); pass !== undefined; pass = waiting.shift()) await tryAll(pass, keep);
  };
  // most of a probe is waiting
  await Promise.all(Array.from({ length: availableParallelism() + 1 }, work));
  const columns = passes.map((pass): Column => {
    const { settings, version } = pass.target;
    return { name: nameOf(pass), settings, version };
  });
  return tell(columns, outcomes, missing);
}

interface Pass {
  readonly target: Target;
  readonly asRoot: boolean;
}

const nameOf = ({ target, asRoot }: Pass): string => (asRoot ? `${target.name} as root` : target.name);

/** Every probe against one target, in a world of its own. */
async function tryAll(pass: Pass, keep: (id: string, name: string, outcome: Outcome) => void): Promise<void> {
  await using ground = await openGround(pass.asRoot);
  for (const probe of probes) keep(probe.id, nameOf(pass), await runProbe(probe, pass.target, ground));
}

function tell(
  columns: readonly Column[],
  outcomes: ReadonlyMap<string, Record<string, Outcome>>,
  missing: readonly string[],
) {
  const rows = probes.map(
    ({ id, technique, title, source, uncontrolled = null }): Row => ({
      id,
      technique,
      title,
      source,
      uncontrolled,
      outcomes: outcomes.get(id) ?? {},
    }),
  );
  const wrong = rows.flatMap(({ id, uncontrolled, outcomes: all }) =>
    Object.entries(all).flatMap(([name, outcome]) => {
      if (name.startsWith("postern")) return isFailure(outcome) ? [`${name}: ${id}: ${outcome.kind}`] : [];
      // a control that does not land proves nothing; a rival's own failing to run neither
      const idle = name === "none" && uncontrolled === null && outcome.kind !== "escaped";
      return idle || outcome.kind === "broken" ? [`${name}: ${id}: ${outcome.kind}`] : [];
    }),
  );
  return { held: wrong.length === 0, found: { columns, missing, wrong, rows } };
}
