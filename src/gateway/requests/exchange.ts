// One request and its reply while they pass: what every step of the way needs, and what of it may be entered.

import type { IncomingMessage, ServerResponse } from "node:http";
import type { Counts } from "../../domain/entry.ts";
import type { RequestHead } from "../../domain/exchange.ts";
import type { Finding } from "../../domain/finding.ts";
import { conceal } from "../conceal.ts";
import type { Gate, Visit } from "../gate.ts";

export interface Exchange {
  readonly gate: Gate;
  readonly visit: Visit;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly head: RequestHead;
  /** Without the query; the whole target while it is not known to be one. */
  readonly path: string;
  readonly chunked: boolean;
  /** When the head had been read (clock of the gate). */
  readonly started: number;
}

/** What of a request is sealed: never a header's or the body's content. */
export async function sealRequest(exchange: Pick<Exchange, "gate" | "visit" | "head">) {
  const { gate, visit, head } = exchange;
  return {
    method: head.method,
    scheme: visit.scheme,
    host: visit.host,
    port: visit.port,
    target: conceal(gate.seek, head.target),
    process: await visit.process,
  };
}

export function countFindings(findings: readonly Finding[], size: number): Counts {
  const credentials = findings.filter((finding) => finding.what === "credential").length;
  return {
    "bytes-out": size,
    "findings-credential": credentials,
    "findings-placeholder": findings.length - credentials,
  };
}
