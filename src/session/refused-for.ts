// What was refused, by purpose: entries on their way to the record → for each purpose the hosts of it, for the summary. Only
// requests count, and connections that were none; a name alone says nothing of what it was wanted for.

import type { Append } from "../domain/entry.ts";
import type { Purpose } from "../domain/reach.ts";

export interface RefusedFor {
  readonly purpose: Purpose;
  /** In the order they came, bounded. Attacker-controlled. */
  readonly hosts: readonly string[];
}

/** A person reads a dozen; beyond that the record is there. */
const mostHosts = 200;

export function openRefusedFor(append: Append): {
  readonly append: Append;
  readonly told: () => readonly RefusedFor[];
} {
  const hosts = new Map<Purpose, Set<string>>();
  const note = (purpose: Purpose, host: string): void => {
    const known = hosts.get(purpose) ?? new Set();
    hosts.set(purpose, known);
    if (known.size < mostHosts) known.add(host);
  };
  return {
    append: (entry, haste) => {
      const host = entry.sealed?.["host"];
      if (entry.kind === "refusal" && entry.purpose !== undefined && typeof host === "string")
        note(entry.purpose, host);
      return append(entry, haste);
    },
    told: () => [...hosts].map(([purpose, names]) => ({ purpose, hosts: [...names] })),
  };
}
