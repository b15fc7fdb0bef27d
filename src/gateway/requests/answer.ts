// What is refused: entered first, then told to the tool in its vendor's shape. The rule and the reason are for the person;
// the tool gets a generic text.

import { STATUS_CODES } from "node:http";
import type { Finding } from "../../domain/finding.ts";
import type { Inspection } from "../../domain/inspection.ts";
import type { Purpose } from "../../domain/reach.ts";
import { conceal } from "../conceal.ts";
import { countContent, sealContent } from "./content.ts";
import { countFindings, type Refusable, sealRequest } from "./exchange.ts";
import { isVeiled, note } from "./veiled-target.ts";

export interface Reason {
  readonly status: number;
  readonly rule: string;
  readonly reason: string;
  readonly purpose?: Purpose;
  readonly findings?: readonly Finding[];
  readonly inspection?: Inspection | undefined;
  /** Bytes of body that would have left. */
  readonly size?: number;
  /** What follows on this connection cannot be told apart from this request's rest. */
  readonly close?: boolean;
  /** More of it, to be sealed. */
  readonly part?: object;
  /** For the tool, in place of the generic one. */
  readonly text?: string | undefined;
}

export async function refuse(exchange: Refusable, reason: Reason): Promise<void> {
  if (reason.close === true) exchange.visit.ended = true;
  try {
    await enterRefusal(exchange, reason, reason.part);
  } catch {
    exchange.asker.breakOff();
    return;
  }
  return tell(exchange, reason.status, reason.close ?? false, reason.text);
}

/** Durable when it resolves. Rejects where the record cannot be written. `part`: what of the exchange is meant. */
export async function enterRefusal(
  exchange: Refusable,
  reason: Omit<Reason, "status">,
  part: object = {},
): Promise<void> {
  const { gate, destination, head, path } = exchange;
  gate.tally.refusal(destination.host);
  const sealed = await sealRequest(exchange);
  const { rule, purpose, findings = [], inspection, size = 0 } = reason;
  await gate.recorder.enter({
    kind: "refusal",
    verdict: "refuse",
    rule,
    ...(purpose === undefined ? {} : { purpose }),
    counts: { ...countFindings(findings, size), ...countContent(inspection) },
    sealed: { ...sealed, ...part, ...sealContent(inspection), reason: reason.reason, findings },
  });
  const executable = sealed.process === "gone" ? undefined : sealed.process.executable;
  const shown = {
    host: destination.host,
    method: head.method,
    path: isVeiled(head) ? note : conceal(gate.seek, path),
  };
  gate.tally.emit({ kind: "refusal", ...shown, rule, reason: reason.reason, executable });
}

/** Resolves when the answer is out or the tool has gone. */
export function tell(exchange: Refusable, status: number, close: boolean, text = textFor(status)): Promise<void> {
  const { gate, destination, head, asker } = exchange;
  const refusal = gate.refusalFor({ status, host: destination.host, head, text });
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
    case 401:
      return "The login has ended; log in again.";
    case 403:
      return "This request is not permitted by the policy of this environment.";
    case 413:
      return "This request is too large.";
    case 421:
      return "This request names another host than the one connected to.";
    case 426:
      return "This protocol is not permitted by the policy of this environment; use plain HTTP.";
    case 502:
      return "The destination could not be reached.";
    case 503:
      return "This environment cannot take the request now.";
    default:
      return "This request cannot be passed on.";
  }
}
