// One request, from its head to the end of its reply: framing, body, findings, verdict, record, and only then upstream.
// What is refused is on the record before the tool is told.

import type { Verdict } from "../../domain/verdict.ts";
import { valuesOf } from "../upstream/reply-reader.ts";
import { refuse } from "./answer.ts";
import type { Body } from "./body.ts";
import { adviceOn, judgeContent } from "./content.ts";
import { type Bound, bind, isAtHome } from "./credentials.ts";
import { type Begun, type Exchange, isWebSocket } from "./exchange.ts";
import { findAll } from "./findings.ts";
import { forward } from "./forward.ts";
import type { Framed } from "./framing.ts";
import { exchangeHanded } from "./handed.ts";
import { recordIntent } from "./intent.ts";
import { mostOf, readPushOf, settle } from "./push.ts";
import { type BodyFault, readBody } from "./reading.ts";
import { forwardRedacted } from "./redacted.ts";
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
  const { findings, inspection, push, decided } = await examine(exchange, body, bound);
  const { verdict, part, text } = settle(exchange, decided, push);
  // 426 lets who wanted a WebSocket ask again without one; other refusals of it are the end to some
  const status = isWebSocket(exchange) ? 426 : 403;
  const what = { findings, inspection, size: body.size };
  if (verdict.kind !== "allow" && verdict.kind !== "redact")
    return refuse(exchange, { ...verdict, ...what, status, part, text: text ?? adviceOn(verdict, inspection) });
  const misused = checkCredentials(exchange, bound, verdict) ?? checkPasses(exchange, bound, body);
  if (misused !== undefined) return refuse(exchange, { status, ...misused, ...what });
  const asked = findLogin(exchange, body, verdict);
  if (asked?.kind === "refused") return refuse(exchange, { ...asked.reason, ...what });
  const meant = push?.kind === "push" ? { ...part, push: push.push } : part;
  const receipt = await recordIntent(exchange, { verdict, ...what, bound, part: meant });
  if (receipt === undefined) {
    exchange.asker.breakOff();
    return;
  }
  const permitted = { verdict, bound, body, trailers, intent: receipt.index };
  const redacted = verdict.kind === "redact" ? inspection?.redaction?.body : undefined;
  if (verdict.kind === "redact" && redacted === undefined) return exchange.asker.breakOff();
  const spoken = { ...exchange, protocol: inspection?.protocol, purpose: verdict.purpose, asked: inspection?.asked };
  if (redacted !== undefined) return forwardRedacted(spoken, permitted, redacted);
  if (asked !== undefined) return exchangeTokens(exchange, permitted, asked.login);
  return handsOut(exchange) ? exchangeHanded(exchange, permitted) : forward(spoken, permitted);
}

/** What is in it, and what the judge says of it. */
async function examine(exchange: Exchange, body: Body, bound: Bound) {
  const { gate, head, path, destination, asker } = exchange;
  const push = await readPushOf(exchange, body);
  const keep = push === undefined && gate.inspect !== undefined;
  const found = await findAll({ head, trailers: asker.arriving.trailers, body, keep }, gate.seek, gate.limits);
  const findings = found.findings.filter((finding) => !isAtHome(finding, bound));
  const disclosure = { destination, method: head.method, path, findings, unreadable: found.unreadable, push };
  const decided = gate.judge.decide(disclosure);
  // a request for tokens holds some, and has its own way
  if (findLogin(exchange, body, decided) !== undefined) return { findings, push, inspection: undefined, decided };
  return { findings, push, ...(await judgeContent(exchange, disclosure, found)) };
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
