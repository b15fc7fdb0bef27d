// One host and port, and what was asked of it → entries. Paths that were asked for with the very same methods stand in one
// entry: an entry grants each of its methods on each of its paths, so nothing else may share one.

import type { Purpose } from "../../domain/reach.ts";
import { maxLearnedPaths } from "../limits.ts";
import type { HttpEntry } from "./lesson.ts";
import type { SeenRequest, SeenUpstream } from "./seen.ts";
import type { Suspicion } from "./suspicion.ts";
import { join, Tally, type Told } from "./tally.ts";

interface Where {
  readonly host: string;
  readonly port: number;
  readonly upstream: SeenUpstream | undefined;
}

interface How {
  readonly pattern: string;
  readonly proposed: HttpEntry["proposed"];
  readonly suspicion: Suspicion | undefined;
}

interface Asked {
  /** Of a person's own grant; stays undefined once it was. */
  proposed: HttpEntry["proposed"];
  readonly suspicion: Suspicion | undefined;
  readonly purpose: Purpose;
  readonly tally: Tally;
  push: boolean;
}

export class Place {
  readonly where: Where;
  /** Pattern → method → what was asked. */
  readonly asked = new Map<string, Map<string, Asked>>();
  /** Requests for paths beyond those kept. */
  more = 0;

  constructor(where: Where) {
    this.where = where;
  }

  add(seen: SeenRequest, { pattern, proposed, suspicion }: How): void {
    const byMethod = this.asked.get(pattern) ?? new Map<string, Asked>();
    if (byMethod.size === 0 && this.asked.size >= maxLearnedPaths) {
      this.more += 1;
      return;
    }
    this.asked.set(pattern, byMethod);
    const { purpose } = seen;
    const asked = byMethod.get(seen.method) ?? { proposed, suspicion, purpose, tally: new Tally(), push: false };
    // more methods than there are is a flood
    if (!byMethod.has(seen.method) && byMethod.size >= 20) this.more += 1;
    else byMethod.set(seen.method, asked);
    if (proposed === undefined) asked.proposed = undefined;
    asked.push ||= seen.push;
    asked.tally.add(seen);
  }
}

interface Group {
  readonly methods: readonly string[];
  readonly like: Asked;
  readonly lines: { readonly pattern: string; readonly told: Told }[];
  push: boolean;
}

export function entriesOf({ where, asked }: Place): HttpEntry[] {
  const groups = new Map<string, Group>();
  for (const [pattern, byMethod] of asked) {
    for (const [methods, like] of alike(byMethod)) {
      const key = JSON.stringify([methods, like.proposed, like.suspicion, like.purpose]);
      const group = groups.get(key) ?? { methods, like, lines: [], push: false };
      groups.set(key, group);
      const told = methods.flatMap((method) => byMethod.get(method)?.tally.told() ?? []);
      group.lines.push({ pattern, told: join(told) });
      group.push ||= methods.some((method) => byMethod.get(method)?.push === true);
    }
  }
  return [...groups.values()].map(({ methods, like, lines, push }) => ({
    kind: "http",
    ...where,
    methods,
    lines,
    push,
    told: join(lines.map(({ told }) => told)),
    proposed: like.proposed,
    suspicion: like.suspicion,
    purpose: like.purpose,
  }));
}

/** Methods of one path that stand in one entry, in the order of the alphabet. */
function alike(byMethod: ReadonlyMap<string, Asked>): [readonly string[], Asked][] {
  const found = new Map<string, { methods: string[]; like: Asked }>();
  for (const [method, asked] of [...byMethod].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const key = JSON.stringify([asked.proposed, asked.suspicion, asked.purpose]);
    const known = found.get(key);
    if (known === undefined) found.set(key, { methods: [method], like: asked });
    else known.methods.push(method);
  }
  return [...found.values()].map(({ methods, like }) => [methods, like]);
}
