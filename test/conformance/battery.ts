// The whole battery: every probe inside ours, as an ordinary user and as root, with live and with staged edits, inside both
// rivals with their defaults and with their strictest settings, and inside nothing at all.

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defences } from "../battery/defences/all.ts";
import { isFailure, type Outcome, type Probe } from "../battery/probe.ts";
import { probes } from "../battery/probes/all.ts";
import { elsewhere } from "../battery/probes/elsewhere.ts";
import { findTargets, targetNames } from "../battery/targets/all.ts";
import type { Target } from "../battery/targets/target.ts";
import { digestFolders } from "./results.ts";
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
  /** When, ISO 8601, and with which sources (digest of `folders`). */
  readonly tried: string;
  readonly sources: string;
}

interface Kept {
  readonly columns: readonly Column[];
  readonly rows: readonly Row[];
}

/** `only`: these alone are tried, in every column; of the others stays what `kept` has. Throws where that was another machine's. */
export async function battery(only: readonly string[] = [], kept?: Kept) {
  const { targets, missing } = await findTargets(targetNames);
  const mighty = process.getuid?.() === 0;
  // a rival's view of root adds nothing, and a control that is root could change this machine
  const mine = targets.filter(({ name }) => mighty && name.startsWith("postern"));
  const passes: readonly Pass[] = [
    ...targets.map((target) => ({ target, asRoot: false })),
    ...mine.map((target) => ({ target, asRoot: true })),
  ];
  const columns = passes.map(({ target, asRoot }): Column => {
    return { name: columnOf(target, asRoot), settings: target.settings, version: target.version };
  });
  if (kept !== undefined && JSON.stringify(kept.columns) !== JSON.stringify(columns))
    throw new Error("the kept result has other columns: try all of it");
  const sources = digestFolders(folders);
  const ids = probes.map(({ id }) => id).filter((id) => only.length === 0 || only.includes(id));
  const outcomes = await tryPasses(passes, ids);
  const tried = new Date().toISOString();
  const fresh = probes.flatMap((probe) => {
    const own = outcomes.get(probe.id);
    return own === undefined ? [] : [rowOf(probe, { outcomes: own, tried, sources })];
  });
  const rows = probes.flatMap(({ id }) => {
    const row = fresh.find((one) => one.id === id) ?? kept?.rows.find((one) => one.id === id);
    return row === undefined ? [] : [row];
  });
  return tell(columns, rows, missing);
}

interface Pass {
  readonly target: Target;
  readonly asRoot: boolean;
}

async function tryPasses(
  passes: readonly Pass[],
  ids: readonly string[],
): Promise<Map<string, Record<string, Outcome>>> {
  const outcomes = new Map<string, Record<string, Outcome>>(ids.map((id) => [id, {}]));
  const directory = mkdtempSync(join(tmpdir(), "postern-battery-"));
  const pieces = passes.flatMap((pass) => portions(ids).map((portion) => ({ ...pass, portion })));
  let done = 0;
  await each(pieces, async ({ target, asRoot, portion }, run) => {
    const name = columnOf(target, asRoot);
    const file = join(directory, `${name} ${portion[0]}.json`);
    const words = [
      "--target",
      target.name,
      "--as",
      asRoot ? "root" : "user",
      "--only",
      portion.join(","),
      "--json",
      file,
    ];
    await run([program, ...words]);
    for (const { id, outcomes: own } of JSON.parse(readFileSync(file, "utf8")) as Written[]) {
      const [row, outcome] = [outcomes.get(id), own[target.name]];
      if (row !== undefined && outcome !== undefined) row[name] = outcome;
    }
    done += 1;
    process.stderr.write(`battery: ${done} of ${pieces.length} pieces: ${name}, ${portion[0]} and after\n`);
  });
  rmSync(directory, { recursive: true });
  return outcomes;
}

function rowOf(probe: Probe, tried: Pick<Row, "outcomes" | "tried" | "sources">): Row {
  const { id, technique, title, source, uncontrolled = null } = probe;
  return { id, technique, title, source, uncontrolled, ...tried };
}

function columnOf(target: Target, asRoot: boolean): string {
  return asRoot ? `${target.name} as root` : target.name;
}

/** The probes, forty at a time: no column's last ones are waited for alone. */
function portions(ids: readonly string[]): readonly (readonly string[])[] {
  return Array.from({ length: Math.ceil(ids.length / 40) }, (_, nth) => ids.slice(nth * 40, nth * 40 + 40));
}

const program = new URL("../battery/battery.ts", import.meta.url).pathname;

interface Written {
  readonly id: string;
  readonly outcomes: Readonly<Record<string, Outcome>>;
}

function tell(columns: readonly Column[], rows: readonly Row[], missing: readonly string[]) {
  const untried = probes.filter(({ id }) => !rows.some((row) => row.id === id)).map(({ id }) => `${id}: not tried`);
  const seen = rows.flatMap(({ id, uncontrolled, outcomes: all }) =>
    Object.entries(all).flatMap(([name, outcome]) => {
      if (name.startsWith("postern")) return isFailure(outcome) ? [`${name}: ${id}: ${outcome.kind}`] : [];
      // a control that does not land proves nothing; a rival's own failing to run neither
      const idle = name === "none" && uncontrolled === null && outcome.kind !== "escaped";
      return idle || outcome.kind === "broken" ? [`${name}: ${id}: ${outcome.kind}`] : [];
    }),
  );
  const wrong = [...untried, ...seen];
  const kept = defences.map(({ id, what, probes: proofs }) => ({ id, what, probes: proofs }));
  return { held: wrong.length === 0, found: { columns, missing, wrong, rows, elsewhere, defences: kept } };
}
