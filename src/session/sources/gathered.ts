// What is found of source in a body, span after span, of each file; what was added last can be taken back.

import type { HashDisclosure, SourceDisclosure } from "../../domain/inspection.ts";
import type { Span } from "../../domain/span.ts";
import type { TakeBack } from "../../inspection/growing.ts";
import type { Attribution, Carried } from "../../inspection/source/lookup.ts";
import { pathOf } from "./labels.ts";

/** Of one file. */
export interface Gathering {
  readonly first: Attribution;
  readonly ranges: (readonly [number, number])[];
  readonly ways: Record<SourceDisclosure["how"], number>;
  readonly by: SourceDisclosure["by"];
  /** Of all that was added so far. */
  sum: SourceDisclosure | undefined;
}

/** Of a body, as far as it was gone through. */
export interface Gathered {
  readonly lines: Map<string, Gathering>;
  readonly hashes: Map<string, HashDisclosure>;
  /** Of all files. */
  told: readonly SourceDisclosure[] | undefined;
  before: Span | undefined;
  carried: Carried | undefined;
}

export const begin = (): Gathered => ({
  lines: new Map(),
  hashes: new Map(),
  told: undefined,
  before: undefined,
  carried: undefined,
});

/** What the model is said to have written: whoever forges that is told by the history that was delivered, not here. */
const vendors: ReadonlySet<Span["role"]> = new Set(["assistant", "call"]);
const ways = ["verbatim", "normalised", "similar"] as const;

/** What was found in a span, of whichever file. */
export function gather({ lines }: Gathered, { role }: Span, found: Attribution): TakeBack {
  const by = vendors.has(role) ? "vendor" : "here";
  const file = pathOf(found.file);
  const known = lines.get(file);
  // lines that came from here are told; beside them, those that the vendor repeats say nothing more
  if (known === undefined || (known.by === "vendor" && by === "here")) {
    lines.set(file, { first: found, ranges: [...found.lines], ways: { ...found.ways }, by, sum: undefined });
    return () => (known === undefined ? lines.delete(file) : lines.set(file, known));
  }
  return known.by === "here" && by === "vendor" ? () => {} : addTo(known, found);
}

function addTo(known: Gathering, found: Attribution): TakeBack {
  const before = known.ranges.length;
  // one by one: a text may hold more than a call may have arguments
  for (const range of found.lines) known.ranges.push(range);
  for (const way of ways) known.ways[way] += found.ways[way];
  known.sum = undefined;
  return () => {
    known.ranges.length = before;
    for (const way of ways) known.ways[way] -= found.ways[way];
    known.sum = undefined;
  };
}

/** A file is known twice where it became something else (labels.ts): it has the labels of both. */
export function gatherHash({ hashes }: Gathered, told: HashDisclosure): TakeBack {
  const name = [told.file, told.kind, told.algorithm, told.encoding].join("\n");
  const before = hashes.get(name);
  const labels = [...new Set([...(before?.labels ?? []), ...told.labels])].sort();
  hashes.set(name, { ...told, labels });
  return () => (before === undefined ? hashes.delete(name) : hashes.set(name, before));
}
