// What was measured of inspection → the tables people read, each figure beside its budget of ARCHITECTURE §9.

import type { Conversing, Talking } from "./conversing.ts";
import { digits, type Spread, saySpread, table } from "./figures.ts";
import type { Inspection } from "./inspection.ts";
import type { Seeking } from "./seeking.ts";
import type { Stallings } from "./stalls.ts";

export function inspectionTables({ seeking, conversing, stalls, loads }: Inspection): string {
  const tables = [
    ...(seeking === undefined ? [] : [seekingTable(seeking)]),
    ...(conversing === undefined ? [] : [conversingTable(conversing), memoryTable(conversing, stalls)]),
    ...(stalls === undefined ? [] : [stallTable(stalls)]),
    `Load averages before each of these and behind the last: ${loads.join(", ")}.\n`,
  ];
  return tables.join("\n");
}

const rate = (spread: Spread | undefined): string => (spread === undefined ? "–" : `${saySpread(spread)} MB/s`);
const times = (spread: Spread | undefined): string => (spread === undefined ? "–" : `${saySpread(spread)} ×`);
const megabytes = (octets: number): string => `${digits(octets / 1_000_000)} MB`;

function seekingTable({ conversation, rules, fingerprints }: Seeking): string {
  const { turns, last, all, source } = conversation;
  const rows = [
    [
      `${turns} turns of a conversation (${megabytes(all)} in all, the last ${megabytes(last)}; ${megabytes(source)} of source to compare with): times one look at the last`,
      `${digits(conversation.whole)} (${digits(conversation.ratio.least)}–${digits(conversation.ratio.most)}) ×`,
      "≤ 1.3 ×",
    ],
    ["the same, each request as if it were the first", `${digits(conversation.uncached)} ×`, "–"],
    [
      "the same, milliseconds: all turns; one look at the last",
      [conversation.growing, conversation.once].map(saySpread).join("; "),
      "–",
    ],
    [`secret rules (${rules.rules}; ${megabytes(rules.octets)} of source)`, rate(rules.own), "≥ 60 MB/s"],
    ["secretlint on the same files", rate(rules.secretlint), "–"],
    ["ours, times secretlint", times(rules.ratio), "–"],
    ["one plain pass over the same text, each letter added up: what this machine gives now", rate(rules.plain), "–"],
    [`source fingerprints (${megabytes(fingerprints.octets)}): built`, rate(fingerprints.build), "≥ 40 MB/s"],
    ["asked about text that is of it", rate(fingerprints.held), "≥ 55 MB/s"],
    ["asked about text that is not", rate(fingerprints.foreign), "≥ 55 MB/s"],
    ["index for each octet of source", `${digits(fingerprints.share)} B`, "≤ 0.75 B"],
  ];
  return table(
    "Looking into text, one core (processor time; median, least and most of the rounds)",
    ["what", "seen", "budget"],
    rows,
  );
}

function conversingTable({ rows, octets, source }: Conversing): string {
  const direct = rows.find((row) => row.target === "direct");
  const added = (row: Talking, of: "p50" | "p99" | "word" | "word99"): string =>
    row === direct || direct === undefined ? "–" : digits(row[of].median - direct[of].median);
  const lines = rows.map((row) => [
    row.target,
    saySpread(row.p50),
    added(row, "p50"),
    added(row, "p99"),
    saySpread(row.word),
    added(row, "word"),
    added(row, "word99"),
  ]);
  const [least = 0, most = 0] = octets;
  return table(
    `A conversation of ${Math.round(least / 1_000)} to ${Math.round(most / 1_000)} KB that grows with each request, ${megabytes(source)} of source in the workspace, one connection (milliseconds; budget: added p50 ≤ 3, p99 ≤ 15; a word ≤ 1)`,
    ["through", "reply begins", "added p50", "added p99", "a word is under way", "added p50", "added p99"],
    lines,
  );
}

function memoryTable({ memory, source }: Conversing, stalls: Stallings | undefined): string {
  const rows = [
    ["a session that does nothing", digits(memory.idle)],
    [`with ${megabytes(source)} of source and the conversation above, at its end`, digits(memory.last)],
    ["the same, at most", digits(memory.most)],
    ...(stalls === undefined ? [] : [["with the bodies below, at most", digits(stalls.memory)]]),
    ["its helper, beside it", digits(memory.helper)],
  ];
  return table("Memory of a session's process, with its threads (MB resident)", ["", "MB"], rows);
}

function stallTable({ rows }: Stallings): string {
  const lines = rows.map((row) => [
    row.name,
    digits(row.octets / 1_000_000),
    String(row.status),
    saySpread(row.took),
    saySpread(row.own),
    saySpread(row.longest),
    saySpread(row.idle),
  ]);
  return table(
    "The longest stall of the loop that carries the terminal while they pass (milliseconds; budget: ≤ 50)",
    ["body", "MB sent", "answer", "took", "longest work of its own", "longest stall", "of a process that does nothing"],
    lines,
  );
}
