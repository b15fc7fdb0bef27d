// `postern disclosures`: which lines of which files left, to whom, when first, in how many requests; from the record.

import { realpathSync } from "node:fs";
import { resolve } from "node:path";
import { parseSessionId } from "../../domain/brand.ts";
import { openRecord, type ReadableRecord } from "../../ledger/record.ts";
import { type Disclosed, disclosuresIn, type Wanted } from "../../review/disclosures.ts";
import { describeState } from "../../session/state.ts";
import { stateDirectory } from "../../session/state-directory.ts";
import { findWorkspace } from "../../session/workspace.ts";
import { readCaller } from "../caller.ts";
import { paint, print, warn } from "../speech.ts";
import { align, plural, show, showPath } from "../table.ts";

export interface DisclosuresFlags {
  readonly session?: string;
  readonly lines: boolean;
  readonly json: boolean;
}

export async function disclosures(path: string | undefined, flags: DisclosuresFlags): Promise<number> {
  const { session } = flags;
  if (session !== undefined && parseSessionId(session) === undefined) {
    warn(`"${show(session, 40)}" is no session`, "a session is s- and eight characters: postern log lists them");
    return 2;
  }
  const caller = readCaller();
  const place = realOf(
    path === undefined ? findWorkspace(caller.directory, caller.home) : resolve(caller.directory, path),
  );
  using record = openRecord(describeState(stateDirectory(caller.environment, caller.home)).directory);
  const isHere = (file: string): boolean => file === place || file.startsWith(place === "/" ? place : `${place}/`);
  const here = path === undefined ? sessionsIn(record, place) : new Set<string>();
  const wanted: Wanted = ({ file, label }, of) => isHere(file) || (label === "protected" && here.has(of));
  const all = disclosuresIn(record.entries({ session, kind: "request" }), wanted);
  if (flags.json) for (const each of all) print(JSON.stringify(each));
  else tell(all, { place: showPath(place, caller.home), base: place, home: caller.home, lines: flags.lines });
  return 0;
}

/** What of protected trees left, left in a session somewhere: it is told where that was. */
function sessionsIn(record: ReadableRecord, workspace: string): ReadonlySet<string> {
  const found = new Set<string>();
  for (const { leaf, sealed } of record.entries({ kind: "session.start" }))
    if (typeof sealed === "object" && sealed["workspace"] === workspace) found.add(leaf.session);
  return found;
}

/** Of what is gone: its name. */
function realOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

interface Telling {
  readonly place: string;
  readonly base: string;
  readonly home: string;
  readonly lines: boolean;
}

function tell(all: readonly Disclosed[], { place, base, home, lines }: Telling): void {
  if (all.length === 0) {
    print(`nothing of ${place} is on the record as having left`);
    return;
  }
  const name = ({ file }: Disclosed): string =>
    show(file.startsWith(`${base}/`) ? file.slice(base.length + 1) : showPath(file, home), 100);
  const rows = lines
    ? all.flatMap((each) => rangeRows(each, name(each)))
    : all.map((each) => fileRow(each, name(each)));
  const [head = "", ...rest] = align(lines ? rangeColumns : fileColumns, rows);
  print(paint.dim(head));
  for (const line of rest) print(line);
  const files = new Set(all.map(({ file }) => file)).size;
  const count = all.reduce((sum, each) => sum + each.count, 0);
  const hosts = new Set(all.map(({ host }) => host)).size;
  print("");
  print(`${plural(files, "file")}, ${plural(count, "line")}, to ${plural(hosts, "host")}; of ${place}`);
}

const fileColumns = [
  { title: "lines", right: true },
  { title: "file" },
  { title: "label" },
  { title: "to" },
  { title: "first" },
  { title: "last" },
  { title: "requests", right: true },
  { title: "beside" },
];

const when = (time: string): string => time.slice(0, 16).replace("T", " ");

const labelsOf = ({ labels }: Disclosed): string => show(labels.join(", "), 40) || "-";

function fileRow(each: Disclosed, name: string): string[] {
  const { count, host, first, last, requests, hashes, repeated } = each;
  const beside = [
    ...hashes.map((hash) => `hash of its ${hash}`),
    ...(repeated === 0 ? [] : [`${plural(repeated, "line")} the model wrote`]),
  ];
  return [
    String(count),
    name,
    labelsOf(each),
    show(host, 60),
    when(first),
    when(last),
    String(requests),
    beside.join("; "),
  ];
}

const rangeColumns = [
  { title: "lines", right: true },
  { title: "file" },
  { title: "label" },
  { title: "to" },
  { title: "first" },
  { title: "requests", right: true },
  { title: "entry", right: true },
];

function rangeRows(each: Disclosed, name: string): string[][] {
  return each.lines.map(({ from, to, first, times, entry }) => [
    from === to ? String(from) : `${from}-${to}`,
    name,
    labelsOf(each),
    show(each.host, 60),
    when(first),
    String(times),
    String(entry),
  ]);
}
