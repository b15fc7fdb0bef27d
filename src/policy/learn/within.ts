// Entries → those for which there is room in a policy's file, the tool's inference first, then as they were seen. What is cut is
// counted: a flood costs the flood its grants, and is told.

import { maxGrants, maxLearnedText, maxProposedText } from "../limits.ts";
import type { Entry, Line } from "./lesson.ts";
import { join } from "./tally.ts";

/** Characters of an entry beside its paths, and of a path's line beside the path. */
const around = { entry: 700, line: 160 };

interface Kept {
  readonly grants: readonly Entry[];
  readonly proposals: readonly Entry[];
  /** Requests without a line. */
  readonly cut: number;
}

export function within(entries: readonly Entry[]): Kept {
  const ordered = entries.toSorted((a, b) => rank(a) - rank(b) || firstOf(a) - firstOf(b));
  const grants = fit(
    ordered.filter(({ proposed }) => proposed === undefined),
    { room: maxLearnedText, most: maxGrants / 2 },
  );
  const proposals = fit(
    ordered.filter(({ proposed }) => proposed !== undefined),
    { room: maxProposedText, most: maxGrants / 4 },
  );
  return { grants: grants.kept, proposals: proposals.kept, cut: grants.cut + proposals.cut };
}

function rank(entry: Entry): number {
  return entry.kind === "http" && entry.purpose === "inference" ? 0 : 1;
}

function firstOf({ told }: Entry): number {
  return Math.min(...told.spans.map(({ first }) => first));
}

function fit(entries: readonly Entry[], { room, most }: { readonly room: number; readonly most: number }) {
  const kept: Entry[] = [];
  let [left, cut] = [room, 0];
  const takes = (cost: number): boolean => {
    left -= cost;
    return left >= 0;
  };
  for (const entry of entries) {
    const has = kept.length < most && takes(around.entry);
    if (!("lines" in entry)) {
      if (has) kept.push(entry);
      else cut += entry.told.count;
      continue;
    }
    const fitting = entry.lines.filter(({ pattern }) => has && takes(pattern.length + around.line));
    cut += countOf(entry.lines) - countOf(fitting);
    if (fitting.length > 0) kept.push({ ...entry, lines: fitting, told: join(fitting.map(({ told }) => told)) });
  }
  return { kept, cut };
}

function countOf(lines: readonly Line[]): number {
  return lines.reduce((sum, { told }) => sum + told.count, 0);
}
