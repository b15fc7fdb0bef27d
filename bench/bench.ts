// npm run bench [-- --only start|exec|gateway|connection|inspection|ledger] [--quick] [--install]: measures, prints the tables, keeps the
// figures in bench/results/<date>.json and the tables in docs/benchmarks.md. At most twenty-five minutes, loopback only. Never
// a test: a figure taken beside other work is worth what its load average says.

import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type ExecCost, measureExecs } from "./execs.ts";
import { type Inspection, measureInspection } from "./inspection.ts";
import { describeMachine, type Machine } from "./machine.ts";
import { finish } from "./process.ts";
import { type ConnectionRow, type Effort, measureConnections, measureRequests, type Row } from "./requests.ts";
import { findRivals, type Rivals } from "./rivals.ts";
import { measureStart, type StartCost } from "./start-cost.ts";
import { render } from "./table.ts";
import { openField } from "./targets.ts";

export interface Report {
  readonly date: string;
  readonly quick: boolean;
  readonly machine: Machine;
  readonly versions: Readonly<Record<string, string>>;
  readonly upstream?: string;
  readonly start?: readonly StartCost[];
  readonly execs?: readonly ExecCost[];
  readonly requests?: readonly Row[];
  readonly connections?: readonly ConnectionRow[];
  readonly inspection?: Inspection;
  /** As bench/ledger.ts prints it. */
  readonly ledger?: unknown;
  readonly missing: readonly string[];
}

const sections = ["start", "exec", "gateway", "connection", "inspection", "ledger"] as const;
type Section = (typeof sections)[number];

const root = new URL("..", import.meta.url).pathname;
const cli = join(root, "dist/postern.cjs");

interface Options {
  readonly only: readonly Section[];
  readonly quick: boolean;
  readonly install: boolean;
}

function readOptions(): Options | undefined {
  const options = { only: { type: "string" }, quick: { type: "boolean" }, install: { type: "boolean" } } as const;
  try {
    const { values } = parseArgs({ options });
    const chosen = sections.filter((section) => values.only === undefined || values.only === section);
    if (chosen.length === 0) return undefined;
    return { only: chosen, quick: values.quick ?? false, install: values.install ?? false };
  } catch {
    return undefined;
  }
}

async function measure(options: Options, rivals: Rivals): Promise<Report> {
  const { only, quick } = options;
  const machine = describeMachine();
  const missing = [...rivals.missing];
  let report: Report = { date: new Date().toISOString(), quick, machine, versions: rivals.versions, missing };
  const effort: Effort = quick ? { rounds: 1, seconds: 1, warm: 1 } : { rounds: 3, seconds: 2, warm: 2 };
  if (only.includes("start")) {
    say("start: `true` under each boundary");
    const start = await measureStart(rivals, cli, quick ? 5 : 21);
    missing.push(...start.missing);
    report = { ...report, start: start.rows };
  }
  if (only.includes("exec")) {
    say("execs: a program that does nothing, again and again");
    const execs = await measureExecs(rivals, cli, quick ? 1 : 5);
    missing.push(...execs.missing);
    report = { ...report, execs: execs.rows };
  }
  if (only.includes("gateway") || only.includes("connection")) {
    await using field = await openField(rivals, cli);
    missing.push(...field.missing);
    report = { ...report, upstream: field.upstream };
    if (only.includes("gateway")) {
      say(`requests: ${field.targets.map((target) => target.name).join(", ")}`);
      const measured = await measureRequests(field, effort);
      missing.push(...measured.missing);
      report = { ...report, requests: measured.rows };
    }
    if (only.includes("connection")) {
      say("connections");
      const measured = await measureConnections(field, effort);
      missing.push(...measured.missing);
      report = { ...report, connections: measured.rows };
    }
  }
  if (only.includes("inspection")) {
    const inspection = await measureInspection(rivals, cli, { quick, say });
    missing.push(...inspection.missing);
    report = { ...report, inspection };
  }
  if (only.includes("ledger")) report = { ...report, ledger: await measureLedger(missing) };
  return { ...report, missing: [...new Set(missing)] };
}

/** The ledger's own benchmark is a program of its own: eight writing processes. */
async function measureLedger(missing: string[]): Promise<unknown> {
  const file = join(root, "bench/ledger.ts");
  if (!existsSync(file)) {
    missing.push("bench/ledger.ts: not here");
    return undefined;
  }
  say("ledger: durable appends over eight processes");
  const ended = await finish({
    argv: [process.execPath, "--disable-warning=ExperimentalWarning", file],
    limit: 180_000,
  });
  try {
    return JSON.parse(ended.stdout) as unknown;
  } catch {
    missing.push(`ledger ended with ${ended.code}: ${ended.stderr.trim().slice(-300)}`);
    return undefined;
  }
}

function say(text: string): void {
  process.stderr.write(`bench: ${text}\n`);
}

/** A quick run is printed; any other is kept, and a whole one, or all of inspection, becomes the published table. */
function keep(report: Report, whole: boolean): void {
  process.stdout.write(render(report));
  if (report.quick) return;
  const results = join(root, "bench/results");
  mkdirSync(results, { recursive: true });
  const day = report.date.slice(0, 10);
  const same = readdirSync(results).filter((file) => file.startsWith(day)).length;
  const file = join(results, same === 0 ? `${day}.json` : `${day}-${same + 1}.json`);
  writeFileSync(file, `${JSON.stringify(report, undefined, 2)}\n`);
  const { inspection, ...others } = report;
  const { date, quick, machine, versions } = report;
  if (whole) publish("bench", render(others));
  if (inspection !== undefined)
    publish("inspection", render({ date, quick, machine, versions, inspection, missing: inspection.missing }));
  say(`kept in ${file}`);
}

/** In the page, between the two marks of this name. */
function publish(name: string, text: string): void {
  const page = join(root, "docs/benchmarks.md");
  const [begin, end] = [`<!-- ${name}:begin -->\n`, `<!-- ${name}:end -->`];
  const [before = "", rest = ""] = readFileSync(page, "utf8").split(begin);
  const [, after = ""] = rest.split(end);
  writeFileSync(page, `${before}${begin}${text}${end}${after}`);
}

async function main(): Promise<number> {
  const options = readOptions();
  if (options === undefined) {
    say(`usage: npm run bench [-- --only ${sections.join("|")}] [--quick] [--install]`);
    return 2;
  }
  const limit = setTimeout(() => {
    say("twenty-five minutes are over");
    process.exit(1);
  }, 25 * 60_000);
  const rivals = await findRivals(options.install);
  const report = await measure(options, rivals);
  keep(report, options.only.length === sections.length);
  for (const what of report.missing) say(`MISSING: ${what}`);
  clearTimeout(limit);
  return 0;
}

process.exit(await main());
