// A reply handed, beside its way to the tool, to whoever looks at what comes in from outside; and what of that is entered. The gateway
// knows neither what is looked for nor whose replies are not looked at.

import type { Counts } from "../../domain/entry.ts";
import type { Collecting, Entered } from "../../domain/inspection.ts";
import { type ReplyHead, valuesOf } from "../upstream/reply-reader.ts";
import type { Exchange } from "./exchange.ts";

export function collectingFor(exchange: Exchange, { headers }: Pick<ReplyHead, "headers">): Collecting | undefined {
  const { gate, destination, path, protocol = "unknown", purpose = "other" } = exchange;
  return gate.collect?.({
    ...{ host: destination.host, path, purpose, protocol },
    mediaType: valuesOf(headers, "content-type")[0] ?? "",
    coding: valuesOf(headers, "content-encoding").join(","),
  });
}

export interface EnteredPart {
  readonly counts: Counts;
  readonly sealed: object;
}

/** For the reply's entry. */
export async function partOf(entered: Promise<Entered> | undefined): Promise<EnteredPart> {
  const { octets = 0, covert = [], missed = 0 } = (await entered) ?? {};
  if (octets + missed === 0) return { counts: {}, sealed: {} };
  const told = { octets, ...(covert.length > 0 ? { covert } : {}), ...(missed > 0 ? { missed } : {}) };
  return { counts: { "findings-covert": covert.length }, sealed: { incoming: told } };
}
