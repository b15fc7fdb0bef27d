// What left in a session, by what was found in it: entries on their way to the record → figures for the summary.

import type { Append, Entry } from "../domain/entry.ts";
import type { SourceDisclosure } from "../domain/inspection.ts";
import { joinRanges, type Range } from "./sources/ranges.ts";

export interface Disclosed {
  /** Files of which lines left, and how many lines; what the model wrote itself is none. */
  readonly files: number;
  readonly lines: number;
  /** Files of which the hash alone left. */
  readonly hashes: number;
}

/** Requests that held any. */
export interface Found {
  readonly secret: number;
  readonly personal: number;
  readonly covert: number;
}

export interface DisclosedTally {
  readonly append: Append;
  readonly told: () => Disclosed;
  readonly found: () => Found;
  /** Requests that left with placeholders in place of secrets. */
  readonly redacted: () => number;
}

export function openDisclosed(append: Append): DisclosedTally {
  const lines = new Map<string, readonly Range[]>();
  const hashes = new Set<string>();
  const found = { secret: 0, personal: 0, covert: 0 };
  let redacted = 0;
  const note = ({ verdict, counts, sealed }: Entry): void => {
    if (verdict === "redact") redacted += 1;
    for (const kind of ["secret", "personal", "covert"] as const)
      if ((counts?.[`findings-${kind}`] ?? 0) > 0) found[kind] += 1;
    const content = sealed?.["content"] as { readonly sources?: Told } | undefined;
    for (const { file, lines: ranges, by } of content?.sources?.lines ?? [])
      if (by === "here") lines.set(file, joinRanges([...(lines.get(file) ?? []), ...ranges]));
    for (const { file } of content?.sources?.hashes ?? []) hashes.add(file);
  };
  return {
    append: (entry, haste) => {
      if (entry.kind === "request") note(entry);
      return append(entry, haste);
    },
    told: () => ({
      files: lines.size,
      lines: [...lines.values()].flat().reduce((sum, [from, to]) => sum + to - from + 1, 0),
      hashes: hashes.size,
    }),
    found: () => found,
    redacted: () => redacted,
  };
}

interface Told {
  readonly lines: readonly SourceDisclosure[];
  readonly hashes: readonly { readonly file: string }[];
}
