// The whole battery: every probe inside ours, as an ordinary user and as root, with live and with staged edits, inside both
// rivals with their defaults and with their strictest settings, and inside nothing at all.

import { openGround } from "../battery/ground.ts";
import { isFailure, type Outcome } from "../battery/probe.ts";
import { probes } from "../battery/probes/all.ts";
import { runProbe } from "../battery/run.ts";
import { findTargets, targetNames } from "../battery/targets/all.ts";

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
  const columns: Column[] = [];
  const outcomes = new Map<string, Record<string, Outcome>>(probes.map(({ id }) => [id, {}]));
  for (const asRoot of [false, true]) {
    await using ground = await openGround(asRoot);
    if (asRoot !== ground.field.asRoot) continue;
    // a rival's view of root adds nothing, and a control that is root could change this machine
    for (const target of targets.filter(({ name }) => !asRoot || name === "postern")) {
      const name = asRoot ? `${target.name} as root` : target.name;
      columns.push({ name, settings: target.settings, version: target.version });
      for (const probe of probes) {
        const outcome = await runProbe(probe, target, ground);
        const row = outcomes.get(probe.id);
        if (row !== undefined) row[name] = outcome;
        process.stderr.write(`${name.padEnd(16)} ${probe.id.padEnd(34)} ${outcome.kind}\n`);
      }
    }
  }
  return tell(columns, outcomes, missing);
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
