// An arrival with what is known of it before its first byte, and what is entered of it, whatever became of it.

import type { Duplex } from "node:stream";
import type { Host } from "../domain/brand.ts";
import type { Entry } from "../domain/entry.ts";
import type { Verdict } from "../domain/verdict.ts";
import type { SealedProcess } from "./conceal.ts";
import type { Gate, Visit } from "./gate.ts";
import { limits } from "./limits.ts";

export interface Passage {
  readonly stream: Duplex;
  /** What was meant: a name where one of our addresses was dialled, else the address itself. */
  readonly host: Host;
  readonly port: number;
  /** Undefined where it was asked for by name, of a proxy. */
  readonly ip: string | undefined;
  readonly direct: boolean;
  /** It came to a door that is a proxy, and is itself on its way nowhere. */
  readonly proxy: boolean;
  readonly verdict: Verdict;
  readonly process: Promise<SealedProcess>;
  readonly standing: Standing;
  /** The proxy the tool thought it was asking, where it came here through one. */
  readonly via: string | undefined;
}

/** How far a connection has come: who has to go where there is no room for all. */
export interface Standing {
  /** Once it speaks HTTP. */
  visit: Visit | undefined;
  /** Carried unopened: nobody can say whether it rests. */
  carried: boolean;
}

/** Nothing of it is under way at this time: before it has opened, or between two requests, the last answer long gone. */
export function rests({ visit, carried }: Standing, now: number): boolean {
  if (carried) return false;
  return visit === undefined || (visit.waiting === 0 && (visit.requests === 0 || now - visit.rested > limits.parting));
}

export type Spoken = Pick<Visit, "scheme" | "serverName" | "tunnel">;

export function visitOf({ host, port, process, via, standing }: Passage, spoken: Spoken): Visit {
  const begun = { waiting: 0, rested: 0, requests: 0, tail: Promise.resolve(), ended: false };
  const visit = { host, port, process, via, ...spoken, ...begun };
  standing.visit = visit;
  return visit;
}

export interface Become {
  readonly carried: "tls" | "http" | "nothing" | "refused";
  /** Set where the gate itself refused. */
  readonly rule?: string;
  readonly serverName?: Host | undefined;
}

/** Nobody waits for it. */
export function recordArrival(gate: Gate, passage: Passage, become: Become): void {
  const enter = async (): Promise<void> => gate.recorder.note(await entryOf(passage, become));
  void enter();
}

/** Durable when it resolves. Rejects where the record cannot be written. */
export async function enterArrival(gate: Gate, passage: Passage, become: Become): Promise<void> {
  await gate.recorder.enter(await entryOf(passage, become));
}

async function entryOf(passage: Passage, become: Become): Promise<Entry> {
  const { verdict, host, port, ip, direct, process, via } = passage;
  const refused = become.rule !== undefined || verdict.kind !== "allow";
  const seen = { host, port, ip, direct, serverName: become.serverName, carried: become.carried };
  return {
    kind: "connection",
    verdict: refused ? "refuse" : "allow",
    rule: become.rule ?? verdict.rule,
    purpose: verdict.purpose,
    sealed: { ...seen, ...(via === undefined ? {} : { via }), process: await process, reason: verdict.reason },
  };
}

/** The tool went without a word, from where it may go: entered, and no refusal. */
export function leave(gate: Gate, passage: Passage): void {
  recordArrival(gate, passage, { carried: "nothing" });
  passage.stream.destroy();
}

/** Not a connection that can be opened and judged: entered, shown, ended. */
export function stop(gate: Gate, passage: Passage, rule: string): void {
  const { host, port, stream } = passage;
  gate.tally.count("stopped");
  gate.tally.refusal(host);
  const enter = async (): Promise<void> => {
    gate.recorder.note(await entryOf(passage, { carried: "refused", rule }));
    const by = await passage.process;
    const executable = by === "gone" ? undefined : by.executable;
    const event = { kind: "refusal", host: `${host}:${port}`, method: undefined, path: undefined } as const;
    gate.tally.emit({ ...event, rule, reason: "not a connection that can be opened and judged", executable });
  };
  void enter();
  stream.destroy();
}

/** Hosts whose clients were entered as untrusting, by gate. */
const known = new WeakMap<Gate, Set<string>>();

/** `sure`: it said so by an alert; else it left at the handshake, without a request. Once a host and a session. */
export function recordUntrusting(gate: Gate, passage: Passage, { sure }: { readonly sure: boolean }): void {
  gate.tally.count("untrusting");
  const hosts = known.get(gate) ?? new Set();
  known.set(gate, hosts);
  const key = `${passage.host} ${sure}`;
  if (hosts.has(key) || hosts.size >= gate.limits.hosts) return;
  hosts.add(key);
  const enter = async (): Promise<void> => {
    const reason = sure
      ? "the client does not trust this session's authority: pinned, or without our certificate"
      : "the client left at the handshake, without a request: it may not trust this session's authority";
    const sealed = { host: passage.host, port: passage.port, process: await passage.process, reason, sure };
    gate.recorder.note({ kind: "refusal", verdict: "refuse", rule: "gateway:client-untrusting", sealed });
  };
  void enter();
}
