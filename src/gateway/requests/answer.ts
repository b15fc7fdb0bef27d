// What is refused: entered first, then told to the tool in its vendor's shape. The rule and the reason are for the person;
// the tool gets a generic text.

import { STATUS_CODES } from "node:http";
import type { Finding } from "../../domain/finding.ts";
import type { Purpose } from "../../domain/reach.ts";
import { conceal } from "../conceal.ts";
import { countFindings, type Refusable, sealRequest } from "./exchange.ts";

export interface Reason {
  readonly status: number;
  readonly rule: string;
  readonly reason: string;
  readonly purpose?: Purpose;
  readonly findings?: readonly Finding[];
  /** Bytes of body that would have left. */
  readonly size?: number;
  /** What follows on this connection cannot be told apart from this request's rest. */
  readonly close?: boolean;
}

export async function refuse(exchange: Refusable, reason: Reason): Promise<void> {
  const { gate, visit, destination, head, asker } = exchange;
  gate.tally.refusal(destination.host);
  if (reason.close === true) visit.ended = true;
  const sealed = await sealRequest(exchange);
  try {
    await gate.recorder.enter({
      kind: "refusal",
      verdict: "refuse",
      rule: reason.rule,
      ...(reason.purpose === undefined ? {} : { purpose: reason.purpose }),
      counts: countFindings(reason.findings ?? [], reason.size ?? 0),
      sealed: { ...sealed, reason: reason.reason, findings: reason.findings ?? [] },
    });
  } catch {
    asker.breakOff();
    return;
  }
  gate.tally.emit({
    kind: "refusal",
    host: destination.host,
    method: head.method,
    path: conceal(gate.seek, exchange.path),
    rule: reason.rule,
    reason: reason.reason,
    executable: sealed.process === "gone" ? undefined : sealed.process.executable,
  });
  return tell(exchange, reason.status, reason.close ?? false);
}

/** Resolves when the answer is out or the tool has gone. */
export function tell(exchange: Refusable, status: number, close: boolean): Promise<void> {
  const { gate, destination, head, asker } = exchange;
  const refusal = gate.refusalFor({ status, host: destination.host, head, text: textFor(status) });
  const body = Buffer.from(refusal.body);
  const headers = ["Content-Type", refusal.contentType, "Content-Length", String(body.length)];
  headers.push(...asker.parting(status, close));
  const { promise, resolve } = Promise.withResolvers<void>();
  asker.onClosed = resolve;
  asker.begin({ status: refusal.status, reason: STATUS_CODES[refusal.status] ?? "", headers });
  asker.end(body, []);
  return asker.gone ? Promise.resolve() : promise;
}

/** What the tool may know. */
function textFor(status: number): string {
  switch (status) {
    case 403:
      return "This request is not permitted by the policy of this environment.";
    case 413:
      return "This request is too large.";
    case 421:
      return "This request names another host than the one connected to.";
    case 426:
      return "This protocol is not available here; use plain HTTP/1.1.";
    case 502:
      return "The destination could not be reached.";
    case 503:
      return "This environment cannot take the request now.";
    default:
      return "This request cannot be passed on.";
  }
}
