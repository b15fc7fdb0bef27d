// A request that was allowed → its entry, durable before a byte of it leaves (invariant 1). A credential that is put in stands
// in that entry, by name and in its count; its first use toward a host is an entry of its own besides, for whoever reads the
// record rather than counts in it.

import type { Receipt } from "../../domain/entry.ts";
import type { Finding } from "../../domain/finding.ts";
import type { Inspection } from "../../domain/inspection.ts";
import type { Verdict } from "../../domain/verdict.ts";
import { conceal } from "../conceal.ts";
import { countContent, sealContent } from "./content.ts";
import type { Bound } from "./credentials.ts";
import { countFindings, type Exchange, sealRequest } from "./exchange.ts";
import { isVeiled, note } from "./veiled-target.ts";

export interface Intent {
  readonly verdict: Verdict;
  readonly findings: readonly Finding[];
  readonly inspection?: Inspection | undefined;
  readonly bound: Bound;
  /** Bytes of the body. */
  readonly size: number;
  /** What of the exchange is meant, where it is not its request. */
  readonly part?: object;
}

/** Durable when it resolves. Undefined where the record cannot be written. */
export async function recordIntent(exchange: Exchange, intent: Intent): Promise<Receipt | undefined> {
  const { gate, destination, head, path } = exchange;
  const { verdict, findings, inspection, size, part } = intent;
  const credentials = intent.bound.used.map(({ id }) => id);
  const redactions = verdict.kind === "redact" ? { redactions: countRedactions(inspection) } : {};
  const counts = { ...countFindings(findings, size), ...countContent(inspection), ...redactions };
  const request = { ...(await sealRequest(exchange)), ...part, ...sealContent(inspection) };
  const sealed = { ...request, reason: verdict.reason, findings };
  const entered = gate.recorder.enter({
    kind: "request",
    verdict: verdict.kind,
    rule: verdict.rule,
    purpose: verdict.purpose,
    counts: credentials.length === 0 ? counts : { ...counts, credentials: credentials.length },
    sealed: credentials.length === 0 ? sealed : { ...sealed, credentials },
  });
  try {
    const [receipt] = await Promise.all([entered, ...recordFirstUses(exchange, credentials, verdict)]);
    gate.tally.allowed(destination.host);
    gate.tally.count("credentials", credentials.length);
    const shown = isVeiled(head) ? note : conceal(gate.seek, path);
    gate.tally.emit({ kind: "request", host: destination.host, method: head.method, path: shown, rule: verdict.rule });
    return receipt;
  } catch {
    return undefined;
  }
}

const countRedactions = (inspection: Inspection | undefined): number =>
  inspection?.redaction?.parts.reduce((sum, { count }) => sum + count, 0) ?? 0;

function recordFirstUses({ gate, destination }: Exchange, credentials: readonly string[], verdict: Verdict) {
  return credentials
    .map((credential) => ({ credential, key: `${credential} ${destination.host}` }))
    .filter(({ key }) => !gate.lent.has(key))
    .map(({ credential, key }) => {
      gate.lent.add(key);
      return gate.recorder.enter({
        kind: "credential",
        verdict: "allow",
        rule: verdict.rule,
        purpose: verdict.purpose,
        counts: { credentials: 1 },
        sealed: { credential, host: destination.host },
      });
    });
}
