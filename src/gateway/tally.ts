// What went through the gate, counted: for the terminal while it runs and for the summary. Holds hosts, so it stays in
// memory and never goes into a leaf.

import type { Host } from "../domain/brand.ts";
import { limits } from "./limits.ts";

export interface HostCount {
  readonly host: string;
  readonly requests: number;
  /** Requests and opaque connections that a verdict let go, whatever became of them. */
  readonly allowed: number;
  /** Of the allowed, those for which no connection came about: nothing of them left. */
  readonly unreached: number;
  readonly refused: number;
  /** Bytes sent upstream and received from it, heads included. */
  readonly bytesOut: number;
  readonly bytesIn: number;
}

export interface Statistics {
  readonly requests: number;
  readonly allowed: number;
  readonly refused: number;
  readonly bytesOut: number;
  readonly bytesIn: number;
  /** By first use; those beyond the bound under `(others)`. */
  readonly hosts: readonly HostCount[];
  readonly names: { readonly asked: number; readonly refused: number };
  readonly connections: {
    readonly total: number;
    readonly opaque: number;
    /** Not HTTP and not granted, or aimed at the door itself; and destinations of datagrams. Counted in `refused` too. */
    readonly refused: number;
    /** Clients that did not trust our certificate. */
    readonly untrusting: number;
    /** Dropped because too many were open, or by the kernel before we saw them. */
    readonly overflow: number;
  };
  readonly datagrams: number;
  readonly credentials: number;
  /** By port, connections from this machine that reached a server inside and have ended. */
  readonly published: readonly PublishedCount[];
}

export interface PublishedCount {
  readonly port: number;
  readonly connections: number;
  /** Bytes that left the inside, and those that came in. */
  readonly bytesOut: number;
  readonly bytesIn: number;
}

/** For the terminal, while it happens. Values of credentials are never in it. */
export type GatewayEvent =
  | {
      readonly kind: "request";
      readonly host: string;
      readonly method: string;
      readonly path: string;
      readonly rule: string;
    }
  | {
      readonly kind: "refusal";
      readonly host: string;
      readonly method: string | undefined;
      readonly path: string | undefined;
      readonly rule: string;
      readonly reason: string;
      /** Undefined where the process was gone. */
      readonly executable: string | undefined;
    }
  | { readonly kind: "name"; readonly name: string; readonly rule: string };

type Scalar = "names" | "namesRefused" | "connections" | "opaque" | "stopped" | "untrusting" | "overflow";
type Counter = Scalar | "datagrams" | "credentials";

interface Count {
  requests: number;
  allowed: number;
  unreached: number;
  refused: number;
  bytesOut: number;
  bytesIn: number;
}

export interface Tally {
  readonly count: (counter: Counter, by?: number) => void;
  readonly request: (host: Host) => void;
  readonly allowed: (host: Host) => void;
  readonly unreached: (host: Host) => void;
  readonly refusal: (host: Host) => void;
  readonly bytes: (host: Host, out: number, inward: number) => void;
  readonly published: (port: number, out: number, inward: number) => void;
  readonly emit: (event: GatewayEvent) => void;
  readonly statistics: () => Statistics;
}

export function openTally(onEvent: ((event: GatewayEvent) => void) | undefined): Tally {
  const hosts = new Map<string, Count>();
  const counters = new Map<Counter, number>();
  const read = (counter: Counter) => counters.get(counter) ?? 0;
  const at = (host: string): Count => {
    const name = hosts.has(host) || hosts.size < limits.hosts ? host : "(others)";
    const known = hosts.get(name);
    if (known !== undefined) return known;
    const fresh = { requests: 0, allowed: 0, unreached: 0, refused: 0, bytesOut: 0, bytesIn: 0 };
    hosts.set(name, fresh);
    return fresh;
  };
  const ports = countPorts();
  const sum = (key: keyof Count) => [...hosts.values()].reduce((total, count) => total + count[key], 0);
  return {
    count: (counter, by = 1) => void counters.set(counter, read(counter) + by),
    request: (host) => {
      at(host).requests += 1;
    },
    allowed: (host) => {
      at(host).allowed += 1;
    },
    unreached: (host) => {
      at(host).unreached += 1;
    },
    refusal: (host) => {
      at(host).refused += 1;
    },
    bytes: (host, out, inward) => {
      const count = at(host);
      count.bytesOut += out;
      count.bytesIn += inward;
    },
    published: ports.add,
    emit: (event) => onEvent?.(event),
    statistics: () => ({
      requests: sum("requests"),
      allowed: sum("allowed"),
      refused: sum("refused"),
      bytesOut: sum("bytesOut"),
      bytesIn: sum("bytesIn"),
      hosts: [...hosts].map(([host, count]) => ({ host, ...count })),
      names: { asked: read("names"), refused: read("namesRefused") },
      connections: connectionsFrom(read),
      datagrams: read("datagrams"),
      credentials: read("credentials"),
      published: ports.counts(),
    }),
  };
}

function connectionsFrom(read: (counter: Counter) => number): Statistics["connections"] {
  return {
    total: read("connections"),
    opaque: read("opaque"),
    refused: read("stopped"),
    untrusting: read("untrusting"),
    overflow: read("overflow"),
  };
}

function countPorts() {
  const ports = new Map<number, PublishedCount>();
  return {
    add: (port: number, out: number, inward: number): void => {
      const { connections, bytesOut, bytesIn } = ports.get(port) ?? { connections: 0, bytesOut: 0, bytesIn: 0 };
      ports.set(port, { port, connections: connections + 1, bytesOut: bytesOut + out, bytesIn: bytesIn + inward });
    },
    counts: (): PublishedCount[] => [...ports.values()],
  };
}
