// The session's last word: what left, what was refused, what is held, which files changed, where the record is. At most a
// dozen lines of at most 80 columns, useful without colour; quiet runs say two lines.

import type { Summary } from "../session/summary.ts";
import { paint } from "./speech.ts";
import { bytes, duration, show } from "./table.ts";

type Stream = NodeJS.WriteStream;

export function lastWord(summary: Summary, stream: Stream): string[] {
  const body = [left(summary), refused(summary), held(summary), changed(summary)].flat();
  return [...head(summary, stream), ...(body.length > 0 ? ["", ...body] : []), ""];
}

function head(summary: Summary, stream: Stream): string[] {
  const { tool, exit } = summary;
  const name = show(tool.version === null ? tool.name : `${tool.name} ${tool.version}`, 30);
  const place = show(summary.workspace.split("/").at(-1) ?? "", 20);
  const seconds = (Date.parse(summary.ended) - Date.parse(summary.started)) / 1000;
  const end =
    exit.by === "tool"
      ? `ended with ${exit.code}`
      : paint.red(`ended by postern (${exit.code}): ${show(exit.reason, 60)}`, stream);
  return [
    `${paint.bold("postern", stream)}  ${name} in ${place}, ${duration(seconds)}, ${end}`,
    row(
      "",
      `boundary ${summary.grade}${summary.mode === "audit" ? " · audit: what no rule allows was passed on" : ""} · ${record(summary)}`,
    ),
  ];
}

function record(summary: Summary): string {
  if (summary.ledger.root === "") return `the record broke after ${summary.ledger.entries} entries of this session`;
  return `record sealed to ${summary.ledger.size}, ${summary.ledger.entries} of this session`;
}

function left(summary: Summary): string[] {
  const { network } = summary;
  const reached = network.hosts.filter((host) => host.bytesOut > 0);
  if (reached.length === 0) return [row("left", "nothing")];
  const first = reached.slice(0, 3).map((host) => {
    const carried = host.requests === 0 ? "unopened" : `in ${plural(host.allowed, "request")}`;
    return `${bytes(host.bytesOut).padStart(7)} ${carried}  ${show(host.host, 40)}`;
  });
  const rest = reached.slice(3);
  const more =
    rest.length > 0
      ? [
          `${bytes(rest.reduce((sum, host) => sum + host.bytesOut, 0)).padStart(7)} to ${plural(rest.length, "more host")}`,
        ]
      : [];
  return rows("left", [...first, ...more]);
}

function refused(summary: Summary): string[] {
  const { network } = summary;
  const hosts = network.hosts.filter((host) => host.refused > 0).map((host) => show(host.host, 40));
  const names = [...new Set([...hosts, ...network.namesRefused.map((name) => show(name, 40))])];
  const requests = network.refused - network.connectionsRefused;
  const counted = [
    ...(requests > 0 ? [plural(requests, "request")] : []),
    ...(network.connectionsRefused > 0 ? [plural(network.connectionsRefused, "connection")] : []),
    ...(network.namesRefused.length > 0 ? [plural(network.namesRefused.length, "name")] : []),
    ...(network.overflow > 0 ? [`${network.overflow} more only counted`] : []),
  ];
  return counted.length === 0 ? [] : named("refused", counted.join(", "), list(names, 2));
}

function held(summary: Summary): string[] {
  const away = summary.files.held.filter((file) => file.state === "quarantined").map((file) => show(file.path, 40));
  return away.length === 0
    ? []
    : named("held", `${plural(away.length, "new control file")} moved to quarantine`, list(away, 2));
}

function changed(summary: Summary): string[] {
  const { files } = summary;
  if (files.staged.length > 0) return staged(summary);
  if (files.changed.length === 0) return [];
  const names = files.changed.map((file) => show(file.path, 40));
  const lines = named("changed", plural(files.changed.length, "file"), list(names, 3));
  return files.undo ? [...lines, row("", `take it back:  postern undo ${summary.session}`)] : lines;
}

/** Nothing of it is in the checkout yet. */
function staged({ session, files }: Summary): string[] {
  const names = files.changed.map((file) => show(file.path, 40));
  return [
    ...named("staged", plural(files.changed.length, "file"), list(names, 3)),
    row("", `look, and let it land:  postern review ${session}`),
    ...files.staged.map(({ tree }) => row("", `open it:  ${show(tree, 1000)}`)),
  ];
}

function list(names: readonly string[], most: number): string {
  const more = names.length - most;
  return names.slice(0, most).join(", ") + (more > 0 ? ` and ${more} more` : "");
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

/** A title with what is counted, and the names beside it, or below where the line would be too wide. */
function named(title: string, counted: string, names: string): string[] {
  const line = row(title, `${counted}  ${names}`.trimEnd());
  return line.length <= 80 ? [line] : [row(title, counted), row("", names)];
}

function row(title: string, text: string): string {
  return `${title.padEnd(9)}${text}`;
}

function rows(title: string, lines: readonly string[]): string[] {
  return lines.map((line, at) =>
    row(at === 0 ? title : "", line.trimStart() === line ? line : at === 0 ? line.trimStart() : line),
  );
}
