// The session's last word: how it ended and where the record is, what left, what was held back, which files changed. Five
// lines of 80 columns at most, useful without colour; a quiet run says three. What has no room stays in the record.

import { sayBound } from "../domain/bound.ts";
import { sayGrade, sayLacks, sayMissing, toolLacks } from "../domain/session.ts";
import type { Summary } from "../session/summary.ts";
import { paint } from "./speech.ts";
import { bytes, duration, plural, show } from "./table.ts";

type Stream = NodeJS.WriteStream;

const columns = 80;
const indent = 9;
/** Beside the two that say how it ended. */
const lines = 3;

/** One thing to be told. */
interface Part {
  readonly title: string;
  /** From the richest to the barest; the first that has room is told. */
  readonly texts: readonly [string, ...string[]];
  /** Where there are more parts than lines, it shares one. */
  readonly shares?: boolean;
}

export function lastWord(summary: Summary, stream: Stream): string[] {
  const parts = [
    left(summary),
    redacted(summary),
    retold(summary),
    audit(summary),
    lacked(summary),
    bounded(summary),
    unreached(summary),
    refused(summary),
    ran(summary),
    held(summary),
    served(summary),
    changed(summary),
  ].filter((part) => part !== undefined);
  return [...head(summary, stream), ...fit(parts).map(({ title, texts }) => row(title, firstFitting(texts)))];
}

/** As many parts as there are lines: those that share are told in one, after each other, the first ones richest. */
function fit(parts: readonly Part[]): readonly Part[] {
  const sharing = parts.filter(({ shares }) => shares);
  const [first] = sharing;
  if (parts.length <= lines || first === undefined) return parts;
  const say = (rich: number): string =>
    sharing
      .map(({ title, texts }, at) => `${at === 0 ? "" : `${title} `}${texts.at(at < rich ? 0 : -1) ?? ""}`)
      .join(" · ");
  const [richest, ...barer] = sharing.map((_, at) => say(sharing.length - at));
  const shared: Part = { ...first, texts: [richest ?? "", ...barer, say(0)] };
  return parts.flatMap((part) => (part === first ? [shared] : part.shares === true ? [] : [part]));
}

function firstFitting(texts: Part["texts"]): string {
  const room = columns - indent;
  return texts.find((text) => [...text].length <= room) ?? show(texts.at(-1) ?? "", room);
}

function head(summary: Summary, stream: Stream): string[] {
  const { tool, exit, workspace } = summary;
  const name = show(tool.version === null ? tool.name : `${tool.name} ${tool.version}`, 24);
  const place = show(workspace.split("/").at(-1) ?? "", 20);
  const time = duration((Date.parse(summary.ended) - Date.parse(summary.started)) / 1000);
  const end = exit.by === "tool" ? `ended with ${exit.code}` : `ended by postern (${exit.code}): `;
  const reason = exit.by === "tool" ? "" : show(exit.reason, 60);
  const room = columns - indent - end.length;
  const starts = [`${name} in ${place}, ${time}, `, `${name} in ${place}, `, `${name}, `] as const;
  const start = starts.find((text) => text.length + reason.length <= room) ?? starts[2];
  const told = `${end}${show(reason, room - start.length)}`;
  return [
    `${paint.bold("postern", stream)}  ${start}${exit.by === "tool" ? told : paint.red(told, stream)}`,
    row("", `${sayGrade(summary.grade)} · ${record(summary)}`),
  ];
}

function record(summary: Summary): string {
  if (summary.ledger.root === "") return `the record broke after ${summary.ledger.entries} entries of this session`;
  return `record sealed at ${summary.ledger.size} entries, ${summary.ledger.entries} of this session`;
}

/** What stood in what left, and does no more. */
function redacted({ verdicts }: Summary): Part | undefined {
  if (verdicts.redact === 0) return undefined;
  const many = plural(verdicts.redact, "request");
  return { title: "secrets", texts: [`taken out of ${many}: postern log --kind request`, `taken out of ${many}`] };
}

/** A tool that tells its model another past than it had. */
function retold({ transcript: { edited, forged, missing, orphan } }: Summary): Part | undefined {
  const most = Math.max(edited, forged, missing, orphan);
  if (most === 0) return undefined;
  const many = `told otherwise than delivered in ${plural(most, "request")} or more`;
  return { title: "history", texts: [`${many}: postern log --kind request`, many], shares: true };
}

function left({ network }: Summary): Part {
  const reached = network.hosts.filter((host) => host.bytesOut > 0);
  if (reached.length === 0) return { title: "left", texts: ["nothing"] };
  const told = reached.map(({ host, requests, allowed, bytesOut }) => {
    const how = requests === 0 ? " unopened" : ` in ${plural(allowed, "request")}`;
    return { amount: bytesOut, text: `${bytes(bytesOut)}${how} to ${show(host, 40)}` };
  });
  const say = (count: number): string => {
    const rest = told.slice(count);
    const more = `${bytes(rest.reduce((sum, { amount }) => sum + amount, 0))} to ${plural(rest.length, "more host")}`;
    return [...told.slice(0, count).map(({ text }) => text), ...(rest.length > 0 ? [more] : [])].join(", ");
  };
  const all = `${bytes(reached.reduce((sum, { bytesOut }) => sum + bytesOut, 0))} to ${plural(reached.length, "host")}`;
  return { title: "left", texts: [say(3), say(2), say(1), all] };
}

function audit({ mode }: Summary): Part | undefined {
  if (mode !== "audit") return undefined;
  return { title: "audit", texts: ["what no rule allows was passed on", "passed on"], shares: true };
}

/** What is missing of the walls first: the grade above says that something is. */
function lacked({ missing, lacks }: Summary): Part | undefined {
  const all = [sayMissing(missing), sayLacks(toolLacks(lacks))].filter((text) => text !== "").join(", ");
  return all === "" ? undefined : { title: "lacked", texts: [`${all}: postern doctor says why`, all], shares: true };
}

/** What is used up inside ends or stops programs there, which then tell something else. */
function bounded({ bounds: [first, ...more] }: Summary): Part | undefined {
  if (first === undefined) return undefined;
  const all = [first, ...more].map(({ bound }) => sayBound(bound)).join("; ");
  return { title: "bounds", texts: [all, sayBound(first.bound)], shares: true };
}

/** What policy let go and no connection came about for: silence would look like a tool that asked nothing. */
function unreached({ network }: Summary): Part | undefined {
  const hosts = network.hosts.filter((host) => host.unreached > 0);
  if (hosts.length === 0) return undefined;
  const count = hosts.reduce((sum, host) => sum + host.unreached, 0);
  return named(
    "failed",
    `${plural(count, "request")} no host was reached for`,
    hosts.map(({ host }) => show(host, 40)),
  );
}

function refused({ network }: Summary): Part | undefined {
  const hosts = network.hosts.filter((host) => host.refused > 0).map((host) => show(host.host, 40));
  const names = [...new Set([...hosts, ...network.namesRefused.map((name) => show(name, 40))])];
  const requests = network.refused - network.connectionsRefused;
  const counted = [
    ...(requests > 0 ? [plural(requests, "request")] : []),
    ...(network.connectionsRefused > 0 ? [plural(network.connectionsRefused, "connection")] : []),
    ...(network.namesRefused.length > 0 ? [plural(network.namesRefused.length, "name")] : []),
    ...(network.overflow > 0 ? [`${network.overflow} more only counted`] : []),
  ];
  return counted.length === 0 ? undefined : named("refused", counted.join(", "), names);
}

/** A tool that started nothing else, and was kept from nothing, needs no line. */
function ran({ commands }: Summary): Part | undefined {
  const { run, refused, asked, unanswered, firstRefused } = commands;
  if (run <= 1 && refused === 0) return undefined;
  const counted = [
    plural(run, "command"),
    ...(refused > 0 ? [`${refused} refused`] : []),
    ...(asked > 0 ? [`${asked} asked, ${unanswered} unanswered`] : []),
  ].join(", ");
  if (firstRefused === null) return { title: "ran", texts: [counted], shares: true };
  return named("ran", counted, [show(firstRefused, 40)]);
}

function held({ files }: Summary): Part | undefined {
  const away = files.held.filter((file) => file.state === "quarantined").map((file) => show(file.path, 40));
  const tried = files.firstAttempt === null ? [] : [show(files.firstAttempt, 40)];
  const counted = [
    ...(away.length > 0 ? [plural(away.length, "new control file")] : []),
    ...(files.attempts > 0 ? [`${plural(files.attempts, "attempt")} at what is held`] : []),
  ];
  return counted.length === 0 ? undefined : named("held", counted.join(", "), [...away, ...tried]);
}

function served({ network }: Summary): Part | undefined {
  const { published } = network;
  if (published.length === 0) return undefined;
  const amount = published.reduce((sum, { bytesOut }) => sum + bytesOut, 0);
  const ports = published.map(({ port, connections }) => `port ${port} in ${plural(connections, "connection")}`);
  return named("served", `${bytes(amount)} to this machine`, ports);
}

/** A staged session's changes are in no checkout yet: where they wait. */
function changed({ files, session }: Summary): Part | undefined {
  if (files.staged.length > 0) {
    const counted = plural(files.changed.length, "file");
    const look = `postern review ${session}`;
    return {
      title: "staged",
      texts: [`${counted}, none landed yet · look: ${look}`, `${counted} · ${look}`],
    };
  }
  if (files.changed.length === 0) return undefined;
  const counted = plural(files.changed.length, "file");
  const names = files.changed.map((file) => show(file.path, 40));
  const back = files.undo ? ` · postern undo ${session}` : "";
  const [rich, ...barer] = named("changed", counted, names).texts.map((text) => `${text}${back}`);
  return { title: "changed", texts: [rich ?? counted, ...barer] };
}

/** What is counted, and as many of its names as there is room for. */
function named(title: string, counted: string, names: readonly string[]): Part {
  return {
    title,
    texts: [`${counted}: ${list(names, 3)}`, `${counted}: ${list(names, 2)}`, `${counted}: ${list(names, 1)}`, counted],
    shares: true,
  };
}

function list(names: readonly string[], most: number): string {
  const more = names.length - most;
  return names.slice(0, most).join(", ") + (more > 0 ? ` and ${more} more` : "");
}

function row(title: string, text: string): string {
  return `${title.padEnd(indent)}${text}`;
}
