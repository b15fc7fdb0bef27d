// A request to a token endpoint: read whole, handed to whoever keeps the login, who has it sent or answers by himself; the tool
// gets what he says, never what the server said. A login that has begun is carried to its end although the tool has left: what
// the server gave for a token that can be used once is lost with the reply.

import { STATUS_CODES } from "node:http";
import type { Finding } from "../../domain/finding.ts";
import type { Login, TokenOutcome, TokenReply, TokenRequest } from "../../domain/login.ts";
import { plainly } from "../../domain/plain-path.ts";
import type { Verdict } from "../../domain/verdict.ts";
import { valuesOf } from "../upstream/reply-reader.ts";
import { enterRefusal, type Reason } from "./answer.ts";
import { type Body, ownBody } from "./body.ts";
import { collect } from "./collecting.ts";
import { type Exchange, isWebSocket } from "./exchange.ts";
import type { Permitted } from "./forward.ts";

/** Also where its server might take the path for the endpoint's. Several where two tools are given tokens at one place. */
function loginsAt({ logins, matchesPath }: Exchange["gate"], { destination, path }: Exchange): readonly Login[] {
  const here = logins.filter(({ endpoint }) => endpoint.host === destination.host);
  if (here.length === 0) return here;
  const spelled = here.filter(({ endpoint }) => endpoint.paths.some((glob) => matchesPath(glob, path)));
  const plain = plainly(path);
  return spelled.length > 0
    ? spelled
    : here.filter(({ endpoint }) => endpoint.paths.some((glob) => matchesPath(plainly(glob), plain)));
}

type Asked = { readonly kind: "login"; readonly login: Login } | { readonly kind: "refused"; readonly reason: Reason };

/** Undefined where nobody is asked for tokens. */
export function findLogin(exchange: Exchange, body: Body, verdict: Verdict): Asked | undefined {
  const logins = loginsAt(exchange.gate, exchange);
  const [first] = logins;
  if (first === undefined) return undefined;
  const objection = objectToTokens(exchange, body, verdict, first);
  if (objection !== undefined) return { kind: "refused", reason: objection };
  const login = loginOf(logins, requestOf(exchange, body));
  if (typeof login !== "string") return { kind: "login", login: login ?? first };
  return { kind: "refused", reason: { status: 403, rule: "login:which", reason: login } };
}

/** Whose it is: the placeholder's; a code's the running tool's, or the only one's that may take it. A text where nobody can say. */
function loginOf(logins: readonly Login[], request: TokenRequest): Login | string | undefined {
  const claims = logins.map((login) => ({ login, claim: login.claim(request) }));
  const mine = claims.find(({ claim }) => claim === "mine");
  if (mine !== undefined) return mine.login;
  const perhaps = claims.filter(({ claim }) => claim === "perhaps").map(({ login }) => login);
  if (perhaps.length < 2) return perhaps[0];
  const names = perhaps.map(({ id }) => id).join(" and ");
  return (
    perhaps.find(({ own }) => own) ??
    `a code that could be for ${names}: start the tool by its own name, or name one of these logins alone`
  );
}

function requestOf({ head }: Exchange, { bytes }: Pick<Body, "bytes">): TokenRequest {
  return {
    contentType: valuesOf(head.headers, "content-type")[0] ?? "",
    // the memory is lent out again once the tool has gone
    body: Buffer.from(bytes ?? Buffer.alloc(0)),
  };
}

/** What nobody could read in one way alone, or anybody else could read. */
function objectToTokens(exchange: Exchange, body: Body, verdict: Verdict, login: Login): Reason | undefined {
  const { head, destination, gate, path } = exchange;
  const refused = (reason: string): Reason => ({ status: 400, rule: "gateway:login", reason });
  if (destination.scheme === "http" && verdict.grant?.upstream === undefined)
    return { status: 403, rule: "gateway:credential-cleartext", reason: "tokens would be asked for unencrypted" };
  if (!login.endpoint.paths.some((glob) => gate.matchesPath(glob, path)))
    return refused("the path of a token endpoint, spelled in another way");
  if (isWebSocket(exchange) || head.method !== "POST") return refused("tokens are asked for by POST alone");
  if (head.target.includes("?")) return refused("a request for tokens has its parameters in its body alone");
  if (valuesOf(head.headers, "content-encoding").length > 0) return refused("a request for tokens is not encoded");
  if (valuesOf(head.headers, "content-type").length > 1) return refused("a request for tokens has one content type");
  if (body.bytes === undefined || body.size > gate.limits.tokens)
    return { status: 413, rule: "gateway:login", reason: "it is longer than any request for tokens" };
  return undefined;
}

/** Resolves when the tool has its answer or has gone, and all of it is on the record. */
export async function exchangeTokens(exchange: Exchange, permitted: Permitted, login: Login): Promise<void> {
  const { gate, destination } = exchange;
  const counts = { status: 0, "bytes-out": 0, "bytes-in": 0 };
  const send = async (bytes: Buffer): Promise<TokenReply | string> => {
    const reply = await collect(withBody(exchange, bytes), { ...permitted, body: ownBody(bytes) });
    if (typeof reply === "string") return reply;
    counts["bytes-out"] += bytes.length;
    counts["bytes-in"] += reply.body.length;
    counts.status = reply.status;
    return reply;
  };
  const outcome = checkOutcome(
    exchange,
    await underway(gate, login.exchange(requestOf(exchange, permitted.body), send)),
  );
  gate.tally.bytes(destination.host, counts["bytes-out"], counts["bytes-in"]);
  gate.recorder.note({
    kind: "reply",
    purpose: permitted.verdict.purpose,
    counts: { ...counts, "duration-ms": Math.round(gate.clock() - exchange.started) },
    sealed: { intent: permitted.intent, host: destination.host, outcome: sayOutcome(outcome) },
  });
  try {
    if (outcome.kind === "refuse") await enterRefusal(exchange, { ...outcome, size: permitted.body.size });
    else await recordAct(exchange, login, outcome.act);
  } catch {
    exchange.asker.breakOff();
    return;
  }
  await answer(exchange, outcome);
}

/** The gate does not close before it is over. */
async function underway<Value>({ exchanging }: Exchange["gate"], work: Promise<Value>): Promise<Value> {
  exchanging.add(work);
  try {
    return await work;
  } finally {
    exchanging.delete(work);
  }
}

/** A server may put a token where none belongs: by now it is known what they look like. */
function checkOutcome({ gate }: Exchange, outcome: TokenOutcome): TokenOutcome {
  if (outcome.kind === "refuse") return outcome;
  const found: readonly Finding[] = gate.seek({ kind: "body", bytes: outcome.body });
  if (!found.some(({ what }) => what === "credential")) return outcome;
  const reason = "the reply held a token where none belongs";
  return { kind: "refuse", status: 502, rule: "gateway:credential-reflected", reason };
}

function sayOutcome(outcome: TokenOutcome): string {
  if (outcome.kind === "refuse") return outcome.reason;
  return outcome.why ?? (outcome.act === "kept" ? "answered here: it had been refreshed already" : "whole");
}

async function recordAct({ gate, destination }: Exchange, { id, rule }: Login, act: string): Promise<void> {
  if (act === "failed") return;
  await gate.recorder.enter({
    kind: "credential",
    verdict: "allow",
    rule,
    purpose: "login",
    counts: { credentials: 1 },
    sealed: { credential: id, host: destination.host, act },
  });
}

/** The tool's own request with another body, and a length that is true. */
function withBody({ head, ...exchange }: Exchange, bytes: Buffer): Exchange {
  const headers = head.headers.map((value, at) =>
    at % 2 === 1 && head.headers[at - 1]?.toLowerCase() === "content-length" ? String(bytes.length) : value,
  );
  return { ...exchange, head: { ...head, headers } };
}

/** Resolves when it is out or the tool has gone. Errors have the form of RFC 6749 §5.2. */
function answer({ asker }: Exchange, outcome: TokenOutcome): Promise<void> {
  const errors = {
    400: "invalid_grant",
    403: "unauthorized_client",
    502: "server_error",
    503: "temporarily_unavailable",
  };
  const body =
    outcome.kind === "answer" ? outcome.body : Buffer.from(JSON.stringify({ error: errors[outcome.status] }));
  const headers = [
    "Content-Type",
    "application/json",
    "Cache-Control",
    "no-store",
    "Content-Length",
    String(body.length),
  ];
  const { promise, resolve } = Promise.withResolvers<void>();
  asker.onClosed = resolve;
  if (asker.gone) return Promise.resolve();
  asker.begin({ status: outcome.status, reason: STATUS_CODES[outcome.status] ?? "", headers });
  asker.end(body, []);
  return asker.gone ? Promise.resolve() : promise;
}
