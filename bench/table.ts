// A report → the tables people read, in Markdown. Ratios beside figures: a figure belongs to a machine, a ratio travels.

import type { Report } from "./bench.ts";
import type { ExecCost } from "./execs.ts";
import { digits, table } from "./figures.ts";
import { inspectionTables } from "./inspection-table.ts";
import type { ConnectionRow, Row } from "./requests.ts";
import type { StartCost } from "./start-cost.ts";

export function render(report: Report): string {
  const { machine } = report;
  const place = `${machine.cores} cores (${machine.cpu}), ${machine.memory} GiB, kernel ${machine.kernel}, ${machine.system}, Node ${machine.node}`;
  const load = `load average before: ${machine.load}`;
  const versions = Object.entries(report.versions).map(([name, version]) => `${name} ${version}`);
  const parts = [
    `${report.date.slice(0, 10)}${report.quick ? " (quick)" : ""} · ${place} · ${load}\n\nMeasured against: ${versions.join(", ")}.\n`,
    ...(report.start === undefined ? [] : [startTable(report.start)]),
    ...(report.execs === undefined ? [] : [execTable(report.execs)]),
    ...(report.requests === undefined ? [] : [requestTable(report.requests, report.upstream ?? "")]),
    ...(report.connections === undefined ? [] : [connectionTable(report.connections)]),
    ...(report.inspection === undefined ? [] : [inspectionTables(report.inspection)]),
    ...(report.ledger === undefined ? [] : [ledgerTable(report.ledger)]),
    ...(report.missing.length === 0 ? [] : [`Not measured:\n\n${report.missing.map((one) => `- ${one}\n`).join("")}`]),
  ];
  return parts.join("\n");
}

function startTable(rows: readonly StartCost[]): string {
  const srt = rows.find((row) => row.name === "srt")?.median ?? Number.NaN;
  const lines = rows.map((row) => [
    row.name,
    digits(row.median),
    digits(row.least),
    digits(row.p90),
    digits(row.median / srt),
  ]);
  return table(
    `Starting \`true\` (milliseconds, ${rows[0]?.runs ?? 0} runs in turn)`,
    ["under", "median", "least", "p90", "× srt"],
    lines,
  );
}

function execTable(rows: readonly ExecCost[]): string {
  const base = rows.find((row) => row.name === "bare bubblewrap")?.p50 ?? Number.NaN;
  const lines = rows.map((row) => [
    row.name,
    digits(row.p50),
    digits(row.p99),
    digits(row.mean),
    digits((row.p50 - base) / 1000),
  ]);
  return table(
    "Starting one more program (microseconds; added to bare bubblewrap's median, in milliseconds)",
    ["under", "p50", "p99", "mean", "added"],
    lines,
  );
}

function requestTable(rows: readonly Row[], upstream: string): string {
  const direct = rows.find((row) => row.target === "direct");
  const mitm = rows.find((row) => row.target === "mitmproxy");
  const ratio = (value: number, other: number | undefined) => digits(other === undefined ? Number.NaN : value / other);
  const added = (value: number, other: number | undefined) => digits((value - (other ?? Number.NaN)) / 1000);
  const rates = rows.map((row) => [
    row.target,
    digits(row.small),
    ratio(row.small, mitm?.small),
    digits(row.large),
    ratio(row.large, mitm?.large),
  ]);
  const times = rows
    .filter((row) => row !== direct)
    .map((row) => [
      row.target,
      added(row.smallP50, direct?.smallP50),
      added(row.smallP99, direct?.smallP99),
      added(row.largeP50, direct?.largeP50),
      added(row.largeP99, direct?.largeP99),
    ]);
  const title = `Requests a second, 16 kept connections, TLS on both sides, upstream ${upstream}`;
  return [
    table(title, ["through", "100 B", "× mitmproxy", "300 KB", "× mitmproxy"], rates),
    table(
      "Added to one request (milliseconds, 1 connection)",
      ["through", "100 B p50", "p99", "300 KB p50", "p99"],
      times,
    ),
  ].join("\n");
}

function connectionTable(rows: readonly ConnectionRow[]): string {
  const lines = rows.map((row) => [row.target, digits(row.p50 / 1000), digits(row.p99 / 1000)]);
  return table("A new connection and one small request (milliseconds)", ["through", "p50", "p99"], lines);
}

function ledgerTable(ledger: unknown): string {
  return table("The ledger (`bench/ledger.ts`)", ["figure", ""], flatten(ledger, []));
}

function flatten(value: unknown, path: readonly string[]): string[][] {
  if (typeof value !== "object" || value === null) return [[path.join(" "), String(value)]];
  return Object.entries(value).flatMap(([key, inner]) => flatten(inner, [...path, key]));
}
