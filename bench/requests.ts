// Requests through each target: how many a second with sixteen connections, how long one takes with one, and what a new
// connection costs; small and as large as agents send them. Rounds go over all targets in turn; the median round counts.

import { median } from "./figures.ts";
import type { Load } from "./load.ts";
import type { Field, Target } from "./targets.ts";

/** A table's worth of one target. */
export interface Row {
  readonly target: string;
  /** Requests a second, sixteen connections. */
  readonly small: number;
  readonly large: number;
  /** Microseconds a request takes, one connection. */
  readonly smallP50: number;
  readonly smallP99: number;
  readonly largeP50: number;
  readonly largeP99: number;
}

export interface ConnectionRow {
  readonly target: string;
  /** Microseconds for handshake, one small request, its reply; one after the other. */
  readonly p50: number;
  readonly p99: number;
}

export interface Results<Kind> {
  readonly rows: readonly Kind[];
  readonly missing: readonly string[];
}

export interface Effort {
  readonly rounds: number;
  readonly seconds: number;
  /** Seconds before anything is counted. */
  readonly warm: number;
}

const small = { path: "/v1/messages", bytes: 100 };
const large = { path: "/v1/messages", bytes: 300 * 1024 };

type Asked = Parameters<Target["run"]>[0];

export async function measureRequests(field: Field, effort: Effort): Promise<Results<Row>> {
  const kinds = {
    small: ask(small, 16, effort),
    large: ask(large, 16, effort),
    smallOne: ask(small, 1, effort),
    largeOne: ask(large, 1, effort),
  };
  const { seen, missing } = await round(field, kinds, effort.rounds);
  const rows = [...seen].map(([target, runs]) => ({
    target,
    small: median(runs.small.map((run) => run.requests / run.seconds)),
    large: median(runs.large.map((run) => run.requests / run.seconds)),
    smallP50: median(runs.smallOne.map((run) => run.p50)),
    smallP99: median(runs.smallOne.map((run) => run.p99)),
    largeP50: median(runs.largeOne.map((run) => run.p50)),
    largeP99: median(runs.largeOne.map((run) => run.p99)),
  }));
  return { rows, missing };
}

export async function measureConnections(field: Field, effort: Effort): Promise<Results<ConnectionRow>> {
  const fresh = { ...ask(small, 1, effort), fresh: true };
  const { seen, missing } = await round(field, { fresh }, effort.rounds);
  const rows = [...seen].map(([target, runs]) => ({
    target,
    p50: median(runs.fresh.map((run) => run.p50)),
    p99: median(runs.fresh.map((run) => run.p99)),
  }));
  return { rows, missing };
}

function ask(what: Pick<Load, "path" | "bytes">, connections: number, { seconds, warm }: Effort): Asked {
  return { ...what, connections, seconds, warm, fresh: false };
}

type Runs<Kind extends string> = Record<Kind, Awaited<ReturnType<Target["run"]>>[]>;

/** Each kind on each target, `rounds` times; a target that fails is named and left out from there on. */
async function round<Kind extends string>(field: Field, kinds: Record<Kind, Asked>, rounds: number) {
  const names = Object.keys(kinds) as Kind[];
  const empty = () => Object.fromEntries(names.map((kind) => [kind, []])) as unknown as Runs<Kind>;
  const seen = new Map(field.targets.map((target) => [target.name, empty()]));
  const missing: string[] = [];
  for (let at = 0; at < rounds; at++) {
    for (const target of field.targets) {
      try {
        for (const kind of names) seen.get(target.name)?.[kind].push(await target.run(kinds[kind]));
      } catch (cause) {
        missing.push(`${target.name}: ${cause instanceof Error ? cause.message : String(cause)}`);
        seen.delete(target.name);
      }
    }
  }
  return { seen, missing };
}
