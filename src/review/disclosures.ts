// The disclosure map: of each file that left, which lines, to which host, when first and in how many requests. Enters: the record's
// entries, which name what was found when it left; nothing is compared anew. What the model wrote itself and was told again is apart.

import type { RecordedEntry } from "../ledger/record.ts";

/** Lines that have all of this in common. */
export interface DisclosedLines {
  readonly from: number;
  readonly to: number;
  /** Requests that held them. */
  readonly times: number;
  /** ISO 8601, UTC; and the entry. */
  readonly first: string;
  readonly entry: number;
}

export interface Disclosed {
  /** Absolute. */
  readonly file: string;
  /** Of what kind the tree is: `workspace`, `protected`. */
  readonly label: string;
  /** What the policy called it, in any of these requests. */
  readonly labels: readonly string[];
  readonly host: string;
  readonly lines: readonly DisclosedLines[];
  /** Of lines. */
  readonly count: number;
  readonly first: string;
  readonly last: string;
  readonly requests: number;
  /** Of what its hash left: `content sha256`. */
  readonly hashes: readonly string[];
  /** Lines that only the model is said to have written. */
  readonly repeated: number;
}

interface Line {
  times: number;
  readonly first: string;
  readonly entry: number;
}

interface Gathered {
  readonly label: string;
  readonly labels: Set<string>;
  readonly lines: Map<number, Line>;
  readonly repeated: Set<number>;
  readonly hashes: Set<string>;
  readonly first: string;
  last: string;
  /** The newest that named it. */
  entry: number;
  requests: number;
}

/** Of which files; `session`: in which it left. */
export type Wanted = (file: { readonly file: string; readonly label: string }, session: string) => boolean;

/** In the order of their names; of entries whose sealed content is gone nothing is known. */
export function disclosuresIn(entries: Iterable<RecordedEntry>, wanted: Wanted = () => true): readonly Disclosed[] {
  const all = new Map<string, Gathered>();
  for (const entry of entries) if (left(entry)) gather(all, entry, wanted);
  return [...all]
    .map(([key, gathered]) => tell(key, gathered))
    .sort((a, b) => (a.file === b.file ? (a.host < b.host ? -1 : 1) : a.file < b.file ? -1 : 1));
}

/** What is refused goes nowhere. */
const left = ({ leaf }: RecordedEntry): boolean => leaf.verdict === "allow" || leaf.verdict === "redact";

function gather(all: Map<string, Gathered>, { leaf, index, sealed }: RecordedEntry, wanted: Wanted) {
  if (typeof sealed !== "object") return;
  const sources = objectOf(objectOf(sealed["content"])["sources"]);
  const host = typeof sealed["host"] === "string" ? sealed["host"] : "";
  const at = (named: Named): Gathered => {
    const key = `${named.file}\0${host}`;
    const known = all.get(key) ?? begin(named.label, leaf.time);
    all.set(key, known);
    if (known.entry !== index) known.requests += 1;
    [known.entry, known.last] = [index, leaf.time];
    for (const label of named.labels) known.labels.add(label);
    return known;
  };
  for (const named of namedIn(sources["lines"])) {
    if (!wanted(named, leaf.session)) continue;
    const known = at(named);
    for (const line of linesOf(named.value["lines"]))
      if (named.value["by"] === "vendor") known.repeated.add(line);
      else {
        const before = known.lines.get(line);
        if (before === undefined) known.lines.set(line, { times: 1, first: leaf.time, entry: index });
        else before.times += 1;
      }
  }
  for (const named of namedIn(sources["hashes"]))
    if (wanted(named, leaf.session))
      at(named).hashes.add(`${textOf(named.value["kind"])} ${textOf(named.value["algorithm"])}`.trim());
}

const begin = (label: string, time: string): Gathered => ({
  label,
  labels: new Set(),
  lines: new Map(),
  repeated: new Set(),
  hashes: new Set(),
  first: time,
  last: time,
  entry: -1,
  requests: 0,
});

interface Named {
  readonly file: string;
  readonly label: string;
  readonly labels: readonly string[];
  readonly value: Readonly<Record<string, unknown>>;
}

function namedIn(list: unknown): readonly Named[] {
  if (!Array.isArray(list)) return [];
  return list.map(objectOf).flatMap((value) => {
    const { file, label, labels } = value;
    const named = Array.isArray(labels) ? labels.map(textOf) : [];
    return typeof file === "string" ? [{ file, label: textOf(label), labels: named, value }] : [];
  });
}

/** A range of the record's is bounded as a file's lines are. */
const mostLines = 2 ** 24;

function* linesOf(ranges: unknown): Generator<number> {
  if (!Array.isArray(ranges)) return;
  for (const range of ranges) {
    const [from, to] = Array.isArray(range) ? [Number(range[0]), Number(range[1])] : [0, -1];
    for (let line = from; line <= Math.min(to, mostLines); line += 1) yield line;
  }
}

const textOf = (value: unknown): string => (typeof value === "string" ? value : "");
const objectOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>) : {};

function tell(key: string, gathered: Gathered): Disclosed {
  const { lines, repeated, hashes, label, labels, first, last, requests } = gathered;
  const [file = "", host = ""] = key.split("\0");
  const told = {
    lines: rangesOf(lines),
    count: lines.size,
    repeated: [...repeated].filter((line) => !lines.has(line)).length,
  };
  return { file, host, label, labels: [...labels].sort(), first, last, requests, hashes: [...hashes].sort(), ...told };
}

function rangesOf(lines: ReadonlyMap<number, Line>): DisclosedLines[] {
  const ranges: { from: number; to: number; times: number; first: string; entry: number }[] = [];
  for (const [line, { times, first, entry }] of [...lines].sort(([a], [b]) => a - b)) {
    const last = ranges.at(-1);
    if (last !== undefined && last.to === line - 1 && last.times === times && last.entry === entry) last.to = line;
    else ranges.push({ from: line, to: line, times, first, entry });
  }
  return ranges;
}
