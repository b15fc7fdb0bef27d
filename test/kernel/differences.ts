// What a probe came to on Debian's 6.1 against what it came to on the kernel of the machine outside: every difference is
// explained here, by name, or is a fault.

import type { Outcome } from "../battery/probe.ts";
import type { Column } from "./orders.ts";

type Kind = Outcome["kind"];

export interface Compared {
  readonly id: string;
  readonly column: Column;
  readonly there: Outcome;
  /** Undefined where it was not tried on the machine outside. */
  readonly here: Outcome | undefined;
  /** When, ISO 8601, and with which sources. */
  readonly tried: string;
  readonly sources: string;
}

export interface Difference {
  readonly id: string;
  readonly column: Column;
  readonly there: Kind;
  readonly here: Kind;
  /** Null where nobody has explained it. */
  readonly because: string | null;
}

interface Explanation {
  readonly id: string;
  readonly column: Column;
  readonly there: Kind;
  readonly here: Kind;
  readonly because: string;
}

/** Each for one probe, one column and the two outcomes it was found with: any other difference of it is unexplained. */
export const explained: readonly Explanation[] = [
  ...["call-raw-socket", "call-packet-socket", "family-xdp", "call-fsopen"].map(
    (id): Explanation => ({
      id,
      column: "none",
      there: "escaped",
      here: "blocked+silent",
      because:
        "there the network around the control is made by an ordinary user, so in a user namespace, whose owner what runs without a boundary is; here root makes it, and the control is nobody in it",
    }),
  ),
  ...["family-alg", "family-sctp", "family-can"].map(
    (id): Explanation => ({
      id,
      column: "none",
      there: "escaped",
      here: "blocked+silent",
      because:
        "Debian's kernel has the module and loads it when somebody asks; the kernel of the machine outside was built without it",
    }),
  ),
];

export function differencesOf(rows: readonly Compared[], known = explained): readonly Difference[] {
  return rows.flatMap(({ id, column, there, here }) => {
    if (here === undefined || here.kind === there.kind) return [];
    const own = known.find(
      (one) => one.id === id && one.column === column && one.there === there.kind && one.here === here.kind,
    );
    return [{ id, column, there: there.kind, here: here.kind, because: own?.because ?? null }];
  });
}
