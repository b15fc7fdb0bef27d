// What a request said, as `postern why` tells it: what was found in it and where, of whose files it held lines. Enters: what was sealed of
// it, *attacker-controlled* in part; never a value.

import { align, plural, show } from "../table.ts";

/** Rows told one by one. */
const most = 12;

/** Sealed `content` of an entry, and the checkout it was in → lines to be printed; none where nothing was found. */
export function tellContent(content: unknown, workspace: string | undefined): readonly string[] {
  const { findings, sources } = objectOf(content);
  const { lines, hashes } = objectOf(sources);
  const short = (file: string): string =>
    workspace !== undefined && file.startsWith(`${workspace}/`) ? file.slice(workspace.length + 1) : file;
  return [
    ...titled("found", counted(listOf(findings).map(rowOfFinding))),
    ...titled("holds", [
      ...listOf(lines).map((each) => rowOfLines(objectOf(each), short)),
      ...listOf(hashes).map((each) => rowOfHash(objectOf(each), short)),
    ]),
  ];
}

function rowOfFinding(finding: unknown): string[] {
  const { kind, label, role, within, path, bits } = objectOf(finding);
  const codings = listOf(within).map(text).join(", ");
  const how = codings === "" ? "" : `in ${codings}`;
  const size = typeof bits === "number" ? `${bits} bits at most` : "";
  return [text(kind), text(label), `${text(role)} ${text(path)}`, [how, size].filter(Boolean).join("; ")];
}

/** Alike ones once, with their number in front. */
function counted(rows: readonly string[][]): string[][] {
  const times = new Map<string, { readonly row: string[]; count: number }>();
  for (const row of rows) {
    const key = JSON.stringify(row);
    const known = times.get(key) ?? { row, count: 0 };
    known.count += 1;
    times.set(key, known);
  }
  return [...times.values()].map(({ row, count }) => [count === 1 ? "" : `${count} times`, ...row]);
}

function rowOfLines({ file, lines, count, how, by }: Fields, short: (file: string) => string): string[] {
  const ranges = listOf(lines).map((range) => {
    const [from, to] = listOf(range).map(Number);
    return from === to ? `${from}` : `${from}-${to}`;
  });
  const whose = by === "vendor" ? "the model's own words" : text(how);
  return [plural(Number(count), "line"), short(text(file)), show(ranges.join(" "), 60), whose];
}

function rowOfHash({ file, kind, algorithm }: Fields, short: (file: string) => string): string[] {
  return ["the hash alone", short(text(file)), `of its ${text(kind)}`, text(algorithm)];
}

function titled(title: string, rows: readonly (readonly string[])[]): readonly string[] {
  if (rows.length === 0) return [];
  const shown = rows.slice(0, most);
  const aligned = align(
    (shown[0] ?? []).map(() => ({ title: "" })),
    shown,
    false,
  );
  const left = rows.length - shown.length;
  const all = left === 0 ? aligned : [...aligned, `and ${left} more: postern log --json has them`];
  return all.map((line, at) => `  ${(at === 0 ? title : "").padEnd(7)} ${line}`);
}

type Fields = Readonly<Record<string, unknown>>;

const objectOf = (value: unknown): Fields => (typeof value === "object" && value !== null ? (value as Fields) : {});
const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const text = (value: unknown): string => show(typeof value === "string" ? value : "", 80);
