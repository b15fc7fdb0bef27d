// A connection that a grant of protocol `tcp` lets through unopened: entered, then dialled, then carried both ways with its
// bytes counted.

import type { Duplex } from "node:stream";
import type { Host } from "../domain/brand.ts";
import { Fault } from "../domain/fault.ts";
import type { Verdict } from "../domain/verdict.ts";
import { type Carried, carryBoth } from "./carrying.ts";
import type { SealedProcess } from "./conceal.ts";
import type { Gate } from "./gate.ts";

export interface OpaqueVisit {
  readonly host: Host;
  readonly port: number;
  readonly verdict: Verdict;
  readonly process: Promise<SealedProcess>;
  readonly via: string | undefined;
}

/** Resolves when both ends are closed; never rejects. */
export async function carry(stream: Duplex, visit: OpaqueVisit, gate: Gate): Promise<void> {
  const { host, port, verdict, via } = visit;
  const started = gate.clock();
  stream.on("error", () => stream.destroy());
  const through = via === undefined ? {} : { via };
  const sealed = { carried: "opaque", host, port, ...through, process: await visit.process, reason: verdict.reason };
  const { rule, purpose } = verdict;
  try {
    const receipt = await gate.recorder.enter({ kind: "connection", verdict: "allow", rule, purpose, sealed });
    gate.tally.count("opaque");
    gate.tally.allowed(host);
    const carried = await join(stream, visit, gate);
    gate.tally.bytes(host, carried.out, carried.inward);
    const duration = Math.round(gate.clock() - started);
    const counts = { "bytes-out": carried.out, "bytes-in": carried.inward, "duration-ms": duration };
    const outcome = { intent: receipt.index, host, outcome: carried.why ?? "whole" };
    gate.recorder.note({ kind: "reply", purpose, counts, sealed: outcome });
  } catch {
    stream.destroy();
  }
}

async function join(stream: Duplex, visit: OpaqueVisit, gate: Gate): Promise<Carried & { why: string | undefined }> {
  const { host, port, verdict } = visit;
  try {
    const upstream = await gate.dial({ scheme: "tcp", host, port, grant: verdict.grant });
    return { ...(await carryBoth(stream, upstream)), why: undefined };
  } catch (error) {
    stream.destroy();
    gate.tally.unreached(host);
    return { out: 0, inward: 0, why: error instanceof Fault ? error.message : String(error) };
  }
}
