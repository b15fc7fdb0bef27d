// The whole battery: every probe inside ours, as an ordinary user and as root, with live and with staged edits, inside both
// rivals with their defaults and with their strictest settings, and inside nothing at all.

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defences } from "../battery/defences/all.ts";
import { isFailure, type Outcome } from "../battery/probe.ts";
import { probes } from "../battery/probes/all.ts";
import { elsewhere } from "../battery/probes/elsewhere.ts";
import { findTargets, targetNames } from "../battery/targets/all.ts";
import type { Target } from "../battery/targets/target.ts";
import { each } from "./workers.ts";

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
  const directory = mkdtempSync(join(tmpdir(), "postern-battery-"));
  const pieces = passes.flatMap((pass) => portions().map((ids) => ({ ...pass, ids })));
  let done = 0;
  await each(pieces, async ({ target, asRoot, ids }, run) => {
    const name = columnOf(target, asRoot);
    const file = join(directory, `${name} ${ids[0]}.json`);
    const words = ["--target", target.name, "--as", asRoot ? "root" : "user", "--only", ids.join(","), "--json", file];
    await run([program, ...words]);
    for (const { id, outcomes: own } of JSON.parse(readFileSync(file, "utf8")) as Kept[]) {
      const [row, outcome] = [outcomes.get(id), own[target.name]];
      if (row !== undefined && outcome !== undefined) row[name] = outcome;
    }
    done += 1;
    process.stderr.write(`battery: ${done} of ${pieces.length} pieces: ${name}, ${ids[0]} and after\n`);
  });
  const columns = passes.map(({ target, asRoot }): Column => {
    return { name: columnOf(target, asRoot), settings: target.settings, version: target.version };
  });
  rmSync(directory, { recursive: true });
  return tell(columns, outcomes, missing);
}

function columnOf(target: Target, asRoot: boolean): string {
  return asRoot ? `${target.name} as root` : target.name;
}

/** The probes, forty at a time: no column's last ones are waited for alone. */
function portions(): readonly (readonly string[])[] {
  const ids = probes.map(({ id }) => id);
  return Array.from({ length: Math.ceil(ids.length / 40) }, (_, nth) => ids.slice(nth * 40, nth * 40 + 40));
}

const program = new URL("../battery/battery.ts", import.meta.url).pathname;

interface Kept {
  readonly id: string;
  readonly outcomes: Readonly<Record<string, Outcome>>;
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
  const kept = defences.map(({ id, what, probes: proofs }) => ({ id, what, probes: proofs }));
  return { held: wrong.length === 0, found: { columns, missing, wrong, rows, elsewhere, defences: kept } };
}
