// One request, from its head to the end of its reply: framing, body, findings, verdict, record, and only then upstream.
// What is refused is on the record before the tool is told.

import type { Verdict } from "../../domain/verdict.ts";
import { valuesOf } from "../upstream/reply-reader.ts";
import { refuse } from "./answer.ts";
import type { Body } from "./body.ts";
import { type Bound, bind, isAtHome } from "./credentials.ts";
import { type Begun, type Exchange, isWebSocket } from "./exchange.ts";
import { findAll } from "./findings.ts";
import { forward } from "./forward.ts";
import type { Framed } from "./framing.ts";
import { exchangeHanded } from "./handed.ts";
import { recordIntent } from "./intent.ts";
import { mostOf, readPushOf, settle } from "./push.ts";
import { type BodyFault, readBody } from "./reading.ts";
import { exchangeTokens, findLogin } from "./tokens.ts";

/** Resolves when the exchange is over, however it ended; never rejects. */
export async function handle(begun: Begun, framed: Framed): Promise<void> {
  const { gate, visit, asker, head } = begun;
  gate.tally.request(framed.kind === "framed" ? framed.destination.host : visit.host);
  if (framed.kind === "refused") {
    const { scheme, host, port } = visit;
    return refuse({ ...begun, destination: { scheme, host, port }, path: head.target }, { ...framed, close: true });
  }
  const { head: own, destination, path, form } = framed;
  const exchange = { ...begun, head: own, destination, path, form };
  if (framed.waits) {
    const reach = gate.judge.reach(destination.host, destination.port);
    if (reach.kind !== "allow") return refuse(exchange, { ...reach, status: 403, close: true });
    asker.invite();
  }
  const body = await readBody(asker.arriving, gate.room, mostOf(exchange));
  if (typeof body === "string") return refuseBody(exchange, body);
  try {
    await judge(exchange, body);
  } finally {
    body.dispose();
  }
}

const faults = {
  long: { status: 413, rule: "gateway:body-limit", reason: "the body is longer than is taken" },
  full: { status: 503, rule: "gateway:no-room", reason: "no room is left to hold the body while it is judged" },
  misframed: { status: 400, rule: "gateway:framing", reason: "the body does not end where and as it was told" },
  late: { status: 408, rule: "gateway:deadline", reason: "the body took longer than anybody waits" },
};

async function refuseBody(exchange: Exchange, fault: BodyFault): Promise<void> {
  // the client left before it had asked anything
  if (fault !== "gone") return refuse(exchange, { ...faults[fault], close: true });
}

async function judge(exchange: Exchange, body: Body): Promise<void> {
  const { gate, head, path, destination } = exchange;
  const { trailers } = exchange.asker.arriving;
  if (holdsFraming(trailers)) {
    const reason = "its trailers hold what belongs into the head";
    return refuse(exchange, { status: 400, rule: "gateway:framing", reason, close: true });
  }
  const bound = bind(gate, { destination, path, headers: head.headers, trailers });
  const found = await findAll({ head, trailers, body }, gate.seek, gate.limits);
  const findings = found.findings.filter((finding) => !isAtHome(finding, bound));
  const push = await readPushOf(exchange, body);
  const disclosure = { destination, method: head.method, path, findings, unreadable: found.unreadable, push };
  const { verdict, part, text } = settle(exchange, gate.judge.decide(disclosure), push);
  // 426 lets who wanted a WebSocket ask again without one; other refusals of it are the end to some
  const status = isWebSocket(exchange) ? 426 : 403;
  if (verdict.kind !== "allow") return refuse(exchange, { ...verdict, status, findings, size: body.size, part, text });
  const misused = checkCredentials(exchange, bound, verdict) ?? checkPasses(exchange, bound, body);
  if (misused !== undefined) return refuse(exchange, { status, ...misused, findings, size: body.size });
  const asked = findLogin(exchange, body, verdict);
  if (asked?.kind === "refused") return refuse(exchange, { ...asked.reason, findings, size: body.size });
  const meant = push?.kind === "push" ? { ...part, push: push.push } : part;
  const receipt = await recordIntent(exchange, { verdict, findings, bound, size: body.size, part: meant });
  if (receipt === undefined) {
    exchange.asker.breakOff();
    return;
  }
  const permitted = { verdict, bound, body, trailers, intent: receipt.index };
  if (asked !== undefined) return exchangeTokens(exchange, permitted, asked.login);
  return handsOut(exchange) ? exchangeHanded(exchange, permitted) : forward(exchange, permitted);
}

/** A WebSocket's opening is a GET, so never this. */
function handsOut({ gate, head, path }: Exchange): boolean {
  return gate.passes?.isAsked({ method: head.method, path }) === true;
}

/** Too late to mean anything, early enough for some reader to believe it (RFC 9110 §6.5.1). */
function holdsFraming(trailers: readonly string[]): boolean {
  return ["content-length", "transfer-encoding", "host"].some((name) => valuesOf(trailers, name).length > 0);
}

function checkPasses({ gate, head, path }: Exchange, { used }: Bound, { bytes }: Body) {
  const { method, headers } = head;
  const reason = gate.passes?.objection({ used, method, path, headers, body: bytes });
  return reason === undefined ? undefined : { rule: "gateway:lent", reason };
}

function checkCredentials(exchange: Exchange, bound: Bound, verdict: Verdict) {
  if (bound.foreign !== undefined) {
    const { id } = bound.foreign;
    // a tool that is told so logs in again; of a login that has ended it still holds the placeholders
    const ended = exchange.gate.logins.some((login) => login.id === id) ? ({ status: 401 } as const) : {};
    return {
      ...ended,
      rule: "gateway:credential-foreign",
      reason: "a credential that is not ours toward a bound place",
    };
  }
  if (bound.used.length > 0 && exchange.destination.scheme === "http" && verdict.grant?.upstream === undefined) {
    return { rule: "gateway:credential-cleartext", reason: "a credential would go out unencrypted" };
  }
  return undefined;
}
