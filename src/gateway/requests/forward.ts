// A request that was allowed and is on the record → upstream, and its reply → the tool, as it comes. The only place from
// which a byte of a request leaves.

import { Fault } from "../../domain/fault.ts";
import type { Verdict } from "../../domain/verdict.ts";
import type { Line, Outgoing } from "../upstream/line.ts";
import { carryMessages } from "../websocket/carry.ts";
import { checkSwitch } from "../websocket/opening.ts";
import { refuse, tell } from "./answer.ts";
import type { Body } from "./body.ts";
import { type Bound, splice } from "./credentials.ts";
import { partOf } from "./entering.ts";
import type { Exchange } from "./exchange.ts";
import { type Outcome, relay, type Switched } from "./relay.ts";

export interface Permitted {
  readonly verdict: Verdict;
  readonly bound: Bound;
  readonly body: Body;
  readonly trailers: readonly string[];
  /** Where the intent stands in the record. */
  readonly intent: number;
}

export async function forward(exchange: Exchange, permitted: Permitted): Promise<void> {
  const outgoing = outgoingFor(exchange, permitted);
  const outcome = await attempt(exchange, permitted, outgoing);
  if (outcome?.status === 401) tellRejected(exchange, permitted);
  if (outcome !== undefined) await recordOutcome(exchange, permitted, outcome);
}

/** Whoever keeps a login hears that its token is not taken any more. */
function tellRejected({ gate }: Exchange, { bound }: Permitted): void {
  for (const { id, secret } of bound.used) gate.logins.find((login) => login.id === id)?.rejected(secret);
}

/** Sends; once more on a fresh connection where a kept one turned out closed and asking twice does no harm. */
async function attempt(exchange: Exchange, permitted: Permitted, outgoing: Outgoing): Promise<Outcome | undefined> {
  for (const fresh of [false, true]) {
    const line = await takeLine(exchange, permitted, fresh);
    if (!("send" in line)) return line.outcome;
    const outcome = await relay(exchange, line, outgoing);
    if (outcome === "stale") continue;
    return "socket" in outcome ? carry(exchange, permitted, outcome) : outcome;
  }
  await tell(exchange, 502, false);
  return { status: 0, bytesOut: 0, bytesIn: 0, why: "the upstream closed the connection" };
}

/** The upstream says that it speaks WebSocket now: then so does the tool, if that is what was asked for. */
async function carry(exchange: Exchange, { intent }: Permitted, switched: Switched): Promise<Outcome> {
  const { head, socket, bytesOut } = switched;
  const agreed = checkSwitch(exchange.head, head);
  const tool = typeof agreed === "string" ? undefined : exchange.asker.switched?.(head);
  if (typeof agreed === "string" || tool === undefined) {
    socket.destroy();
    await tell(exchange, 502, false);
    return {
      status: head.status,
      bytesOut,
      bytesIn: 0,
      why: typeof agreed === "string" ? agreed : "it is no WebSocket",
    };
  }
  const outcome = await carryMessages({ exchange, opening: intent, tool, upstream: socket, agreed });
  return { ...outcome, bytesOut: outcome.bytesOut + bytesOut };
}

async function takeLine(
  exchange: Exchange,
  permitted: Permitted,
  fresh: boolean,
): Promise<Line | { readonly outcome: Outcome | undefined }> {
  const { gate, destination, asker, form } = exchange;
  const { grant } = permitted.verdict;
  try {
    const line = await gate.pool.take({ ...destination, grant }, { version: form.kind, fresh });
    if (!asker.gone) return line;
    line.giveBack();
    return { outcome: { status: 0, bytesOut: 0, bytesIn: 0, why: "the tool went away" } };
  } catch (error) {
    const fault = error instanceof Fault ? error : undefined;
    const why = fault?.message ?? String(error);
    if (fault?.code === "special") {
      await refuse(exchange, { status: 403, rule: "gateway:special-address", reason: why, size: permitted.body.size });
      return { outcome: undefined };
    }
    gate.tally.unreached(destination.host);
    await tell(exchange, fault?.code === "busy" ? 503 : 502, false);
    return { outcome: { status: 0, bytesOut: 0, bytesIn: 0, why } };
  }
}

/** The request as the upstream shall see it. */
export function outgoingFor(exchange: Exchange, { bound, body, trailers }: Permitted): Outgoing {
  const { gate, head, form, protocol = "unknown" } = exchange;
  const headers = splice(head.headers, bound);
  // a reply that is to be changed comes plain
  const spliced = { ...head, headers: gate.restore?.isWanted(protocol) === true ? plainly(headers) : headers };
  if (form.kind === "http/1.1" || bound.used.length === 0) return { head: spliced, form, body, trailers };
  // a real value stands in no table, here or further on
  const never = new Set([...form.never, ...bound.used.map(({ to }) => to.header)]);
  return { head: spliced, form: { ...form, never }, body, trailers };
}

function plainly(headers: readonly string[]): readonly string[] {
  return headers.map((value, at) =>
    headers[at - 1]?.toLowerCase() === "accept-encoding" && at % 2 === 1 ? "identity" : value,
  );
}

async function recordOutcome(exchange: Exchange, permitted: Permitted, outcome: Outcome): Promise<void> {
  const { gate, destination } = exchange;
  gate.tally.bytes(destination.host, outcome.bytesOut, outcome.bytesIn);
  const duration = Math.round(gate.clock() - exchange.started);
  const entered = await partOf(outcome.entered);
  gate.recorder.note({
    kind: "reply",
    ...(outcome.rule === undefined ? {} : { verdict: "refuse" as const, rule: outcome.rule }),
    purpose: permitted.verdict.purpose,
    counts: {
      status: outcome.status,
      "bytes-out": outcome.bytesOut,
      "bytes-in": outcome.bytesIn,
      "duration-ms": duration,
      ...outcome.counts,
      ...entered.counts,
    },
    sealed: { intent: permitted.intent, host: destination.host, outcome: outcome.why ?? "whole", ...entered.sealed },
  });
}
