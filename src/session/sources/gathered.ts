// What is found of source in a body, span after span, of each file: added to a state of which other states go on unchanged.

import type { HashDisclosure, SourceDisclosure } from "../../domain/inspection.ts";
import type { Span } from "../../domain/span.ts";
import type { Attribution, Carried } from "../../inspection/source/lookup.ts";
import { pathOf } from "./labels.ts";

/** Of one file. */
export interface Gathering {
  readonly first: Attribution;
  readonly ranges: (readonly [number, number])[];
  readonly ways: Record<SourceDisclosure["how"], number>;
  readonly by: SourceDisclosure["by"];
  sum: SourceDisclosure | undefined;
  /** Who may add to it: in any other state it stays as it is. */
  readonly owner: symbol;
}

/** Of a body, as far as it was gone through. */
export interface Gathered {
  lines: Map<string, Gathering>;
  hashes: Map<string, HashDisclosure>;
  /** Another state has the same two. */
  shared: boolean;
  name: symbol;
  before: Span | undefined;
  carried: Carried | undefined;
}

export const begin = (): Gathered => ({
  lines: new Map(),
  hashes: new Map(),
  shared: false,
  name: Symbol(),
  before: undefined,
  carried: undefined,
});

/** Neither owns what both have. */
export function copy(state: Gathered): Gathered {
  Object.assign(state, { shared: true, name: Symbol() });
  return { ...state, name: Symbol() };
}

/** To be added to. */
export function own(state: Gathered): Gathered {
  if (state.shared) Object.assign(state, { lines: new Map(state.lines), hashes: new Map(state.hashes), shared: false });
  return state;
}

/** What the model is said to have written: whoever forges that is told by the history that was delivered, not here. */
const vendors: ReadonlySet<Span["role"]> = new Set(["assistant", "call"]);

/** What was found in a span, of whichever file. */
export function gather(state: Gathered, { role }: Span, found: Attribution): void {
  const { lines, name: owner } = own(state);
  const by = vendors.has(role) ? "vendor" : "here";
  const file = pathOf(found.file);
  const known = lines.get(file);
  // lines that came from here are told; beside them, those that the vendor repeats say nothing more
  if (known === undefined || (known.by === "vendor" && by === "here")) {
    lines.set(file, { first: found, ranges: [...found.lines], ways: { ...found.ways }, by, sum: undefined, owner });
    return;
  }
  if (known.by === "here" && by === "vendor") return;
  const its = known.owner === owner ? known : { ...known, ranges: [...known.ranges], ways: { ...known.ways }, owner };
  its.ranges.push(...found.lines);
  for (const way of ["verbatim", "normalised", "similar"] as const) its.ways[way] += found.ways[way];
  its.sum = undefined;
  if (its !== known) lines.set(file, its);
}
