// What left in a session, by what was found in it: entries on their way to the record → figures for the summary.

import type { Append, Entry } from "../domain/entry.ts";
import type { HashDisclosure, SourceDisclosure } from "../domain/inspection.ts";
import { type TranscriptKind, transcriptKinds } from "../domain/transcript.ts";
import { joinRanges, type Range } from "./sources/ranges.ts";

export interface Disclosed {
  /** Files of which lines left, and how many lines; what the model wrote itself is none. */
  readonly files: number;
  readonly lines: number;
  /** Files of which the hash alone left. */
  readonly hashes: number;
  /** The same of each label. */
  readonly labels: Readonly<Record<string, Omit<Disclosed, "labels">>>;
}

/** Requests that held any. */
export interface Found {
  readonly secret: number;
  readonly personal: number;
  readonly covert: number;
  /** Text that had come from outside. */
  readonly untrusted: number;
}

/** Requests whose history was told otherwise than it was delivered, by kind; and those of which not all could be known. */
export type Histories = Readonly<Record<TranscriptKind | "before" | "unheard", number>>;

export interface DisclosedTally {
  readonly append: Append;
  readonly told: () => Disclosed;
  readonly found: () => Found;
  readonly histories: () => Histories;
  /** Requests that left with placeholders in place of secrets. */
  readonly redacted: () => number;
}

export function openDisclosed(append: Append): DisclosedTally {
  const all = openFigures();
  const labels = new Map<string, Figures>();
  const found = { secret: 0, personal: 0, covert: 0, untrusted: 0 };
  const histories = { edited: 0, forged: 0, missing: 0, orphan: 0, before: 0, unheard: 0 };
  let redacted = 0;
  const note = ({ verdict, counts, sealed }: Entry): void => {
    if (verdict === "redact") redacted += 1;
    for (const kind of ["secret", "personal", "covert", "untrusted"] as const)
      if ((counts?.[`findings-${kind}`] ?? 0) > 0) found[kind] += 1;
    const content = sealed?.["content"] as Content | undefined;
    const { lines = [], hashes = [] } = content?.sources ?? {};
    const under = (named: readonly string[] = []): readonly Figures[] => [
      all,
      ...named.map((label) => labels.get(label) ?? begin(labels, label)),
    ];
    for (const one of lines)
      if (one.by === "here")
        for (const { lines: known } of under(one.labels))
          known.set(one.file, joinRanges([...(known.get(one.file) ?? []), ...one.lines]));
    for (const one of hashes) for (const figures of under(one.labels)) figures.hashes.add(one.file);
    for (const kind of transcriptKinds) if ((content?.transcript?.[kind] ?? 0) > 0) histories[kind] += 1;
    for (const kind of ["before", "unheard"] as const)
      if ((counts?.[`transcript-${kind}`] ?? 0) > 0) histories[kind] += 1;
  };
  return {
    append: (entry, haste) => {
      if (entry.kind === "request") note(entry);
      return append(entry, haste);
    },
    told: () => ({
      ...sumOf(all),
      labels: Object.fromEntries([...labels].map(([label, figures]) => [label, sumOf(figures)])),
    }),
    found: () => found,
    histories: () => histories,
    redacted: () => redacted,
  };
}

interface Figures {
  readonly lines: Map<string, readonly Range[]>;
  readonly hashes: Set<string>;
}

const openFigures = (): Figures => ({ lines: new Map(), hashes: new Set() });

function begin(labels: Map<string, Figures>, label: string): Figures {
  const figures = openFigures();
  labels.set(label, figures);
  return figures;
}

const sumOf = ({ lines, hashes }: Figures): Omit<Disclosed, "labels"> => ({
  files: lines.size,
  lines: [...lines.values()].flat().reduce((sum, [from, to]) => sum + to - from + 1, 0),
  hashes: hashes.size,
});

interface Content {
  readonly sources?: Told;
  readonly transcript?: Partial<Record<TranscriptKind, number>>;
}

interface Told {
  readonly lines: readonly SourceDisclosure[];
  readonly hashes: readonly HashDisclosure[];
}
