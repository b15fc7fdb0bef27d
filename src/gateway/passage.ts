// What is entered of a connection from inside, whatever became of it.

import type { Host } from "../domain/brand.ts";
import type { Passage } from "./front.ts";
import type { Gate } from "./gate.ts";

export interface Become {
  readonly carried: "tls" | "http" | "refused";
  /** Set where the gate itself refused. */
  readonly rule?: string;
  readonly serverName?: Host;
}

export function recordArrival(gate: Gate, passage: Passage, become: Become): void {
  const { verdict, host, port, ip, process } = passage;
  const enter = async (): Promise<void> => {
    const refused = become.rule !== undefined || verdict.kind !== "allow";
    const rule = become.rule ?? verdict.rule;
    const seen = { host, port, ip, direct: passage.direct, serverName: become.serverName, carried: become.carried };
    const sealed = { ...seen, process: await process, reason: verdict.reason };
    gate.recorder.note({
      kind: "connection",
      verdict: refused ? "refuse" : "allow",
      rule,
      purpose: verdict.purpose,
      sealed,
    });
    if (become.rule === undefined) return;
    const executable = sealed.process === "gone" ? undefined : sealed.process.executable;
    const event = { kind: "refusal", host: `${host}:${port}`, method: undefined, path: undefined } as const;
    gate.tally.emit({ ...event, rule, reason: "not a connection that can be opened and judged", executable });
  };
  void enter();
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
