// What came on a connection and made no request that could be judged: entered all the same, and shown to the person.

import type { Gate, Visit } from "../gate.ts";

export interface Unreadable {
  readonly rule: string;
  readonly reason: string;
  /** The parser's own word for it, or the method. */
  readonly detail?: string | undefined;
  readonly method?: string | undefined;
}

/** Durable when it resolves. Rejects where the record cannot be written. */
export async function recordUnreadable(gate: Gate, visit: Visit, unreadable: Unreadable): Promise<void> {
  const { rule, reason, detail, method } = unreadable;
  const { scheme, host, port } = visit;
  gate.tally.refusal(host);
  const process = await visit.process;
  const sealed = { scheme, host, port, process, reason, ...(detail === undefined ? {} : { detail }) };
  await gate.recorder.enter({ kind: "refusal", verdict: "refuse", rule, sealed });
  const executable = process === "gone" ? undefined : process.executable;
  gate.tally.emit({ kind: "refusal", host, method, path: undefined, rule, reason, executable });
}
