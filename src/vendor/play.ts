// One request, whole → the answer: which dialect, is the key right, where in the script are we, what is said. Pure: no
// socket, no clock, no memory between requests.

import { createHash } from "node:crypto";
import { anthropic } from "./anthropic.ts";
import { decodeBody } from "./body.ts";
import { chat } from "./chat.ts";
import type { Dialect, Reply, Route, Turn, Wrong } from "./dialect.ts";
import { gemini } from "./gemini.ts";
import { type JsonObject, parseObject } from "./json.ts";
import { responses } from "./responses.ts";
import type { Script } from "./script.ts";
import { callOf, shaped } from "./toolset.ts";

/** The first that knows the request answers it. */
const dialects: readonly Dialect[] = [anthropic, responses, chat, gemini];

/** Attacker-controlled throughout. */
export interface Request {
  readonly method: string;
  /** Origin form: path and query. */
  readonly target: string;
  /** Names in lower case; of repeated names the last. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Buffer;
}

export interface Answer {
  readonly status: number;
  readonly type: string;
  /** One string for each write; the first goes out before the second is written. */
  readonly frames: readonly string[];
}

/** What the vendor knows before anybody asks. */
export interface Part {
  readonly script: Script;
  /** The only key that is let in. */
  readonly key: string;
  /** Names that the list of models gives. */
  readonly models: readonly string[];
}

const statuses: Readonly<Record<Wrong, number>> = { key: 401, request: 400, missing: 404, busy: 503 };

export function play(part: Part, request: Request): Answer {
  const url = parseTarget(request.target);
  if (url === undefined) return failure(chat, "request", "not a path");
  const greeter = dialects.find(({ greeting }) => greeting?.paths.includes(url.pathname) === true);
  if (request.method === "GET" && greeter?.greeting !== undefined) return whole(greeter.greeting.body);
  for (const dialect of dialects) {
    const route = dialect.route(request.method, url, request.headers);
    if (route === undefined) continue;
    if (keyOf(request.headers, url) !== part.key) return failure(dialect, "key", "invalid api key");
    if (route.kind === "account") return whole(dialect.account?.() ?? {});
    if (route.kind === "models") return whole(dialect.models(part.models));
    return generate(part, dialect, { route, request });
  }
  return failure(dialectOf(request.headers, url), "missing", `no such place: ${request.method} ${url.pathname}`);
}

/** The opening of a WebSocket: undefined where it opens, else what it is answered with. */
export function playOpening(part: Part, request: Request): Answer | undefined {
  const url = parseTarget(request.target);
  const dialect = url === undefined ? undefined : socketAt(url);
  if (url === undefined || dialect === undefined) return play(part, request);
  return keyOf(request.headers, url) === part.key ? undefined : failure(dialect, "key", "invalid api key");
}

/** What a WebSocket's messages have said before: the tools that stand until others are announced. */
export interface Heard {
  tools: Turn["tools"];
}

/** One message on a WebSocket that opened at this target → the messages it gets. */
export function playMessage(part: Part, target: string, heard: Heard, message: Buffer): readonly string[] {
  const url = parseTarget(target);
  const dialect = url === undefined ? undefined : socketAt(url);
  const body = parseObject(message);
  if (dialect?.socket === undefined) return [];
  const fail = (why: string) => [
    JSON.stringify({ type: "error", status: statuses.request, ...dialect.fail("request", why) }),
  ];
  if (body?.["type"] !== dialect.socket.asks) return fail(`a message is a JSON object of type ${dialect.socket.asks}`);
  const seed = createHash("sha256").update(message).digest("hex");
  const route: Route = { kind: "generate", model: undefined, framing: undefined };
  const turn = dialect.read(body, { seed, inputTokens: Math.ceil(message.length / 4), route });
  if (typeof turn === "string") return fail(turn);
  if (turn.tools.length > 0) heard.tools = turn.tools;
  // asked only to read what comes before a turn
  const reply =
    body["generate"] === false
      ? { text: undefined, call: undefined }
      : replyOf(part.script, { ...turn, tools: heard.tools });
  if (typeof reply === "string") return fail(reply);
  return dialect.socket.events(reply, turn).map((event) => JSON.stringify(event));
}

function socketAt(url: URL): Dialect | undefined {
  return dialects.find(({ socket }) => socket?.opens(url) === true);
}

/** An error in the shape this request's vendor would give it. */
export function refuse(request: Pick<Request, "target" | "headers">, wrong: Wrong, message: string): Answer {
  return failure(dialectOf(request.headers, parseTarget(request.target)), wrong, message);
}

function generate(part: Part, dialect: Dialect, asked: { readonly route: Route; readonly request: Request }): Answer {
  const { route, request } = asked;
  const decoded = decodeBody(request.body, request.headers.get("content-encoding"));
  const body = decoded === undefined ? undefined : parseObject(decoded);
  if (decoded === undefined || body === undefined) return failure(dialect, "request", "body is not a JSON object");
  const seed = createHash("sha256").update(decoded).digest("hex");
  const turn = dialect.read(body, { seed, inputTokens: Math.ceil(decoded.length / 4), route });
  if (typeof turn === "string") return failure(dialect, "request", turn);
  if (route.kind === "count") return whole(dialect.count(turn));
  const reply = replyOf(part.script, turn);
  if (typeof reply === "string") return failure(dialect, "request", reply);
  if (!turn.stream) return whole(dialect.whole(reply, turn));
  const type = route.framing === "array" ? "application/json" : "text/event-stream; charset=utf-8";
  return { status: 200, type, frames: dialect.frames(reply, turn, route.framing) };
}

/** The step after as many as there are results; after the last, the final text, however often it is asked for. */
function replyOf(script: Script, turn: Turn): Reply | string {
  if (turn.tools.length === 0) return { text: asideOf(script, turn), call: undefined };
  const step = script.steps[turn.results];
  if (step === undefined) return { text: script.final, call: undefined };
  const call = callOf(step.call, turn.tools);
  const announced = turn.tools.map((tool) => tool.name).join(", ");
  if (call === undefined)
    return `script: step ${turn.results} needs a tool like ${step.call.tool}, announced: ${announced}`;
  return { text: step.say, call };
}

function asideOf({ aside }: Script, { shape }: Turn): string {
  return shape === undefined ? aside : JSON.stringify(shaped(shape, aside));
}

/** Each vendor's place for a key; all are looked at, so that a key in the wrong one is seen as such. */
function keyOf(headers: ReadonlyMap<string, string>, url: URL): string | undefined {
  const bearer = /^Bearer (.+)$/i.exec(headers.get("authorization") ?? "")?.[1];
  return (
    headers.get("x-api-key") ?? headers.get("x-goog-api-key") ?? bearer ?? url.searchParams.get("key") ?? undefined
  );
}

function dialectOf(headers: ReadonlyMap<string, string>, url: URL | undefined): Dialect {
  if (headers.has("anthropic-version") || url?.pathname.startsWith("/v1/messages")) return anthropic;
  return headers.has("x-goog-api-key") || url?.pathname.startsWith("/v1beta/") ? gemini : chat;
}

function parseTarget(target: string): URL | undefined {
  return target.startsWith("/") ? (URL.parse(`http://vendor.invalid${target}`) ?? undefined) : undefined;
}

function whole(body: JsonObject): Answer {
  return { status: 200, type: "application/json", frames: [JSON.stringify(body)] };
}

function failure(dialect: Dialect, wrong: Wrong, message: string): Answer {
  return { status: statuses[wrong], type: "application/json", frames: [JSON.stringify(dialect.fail(wrong, message))] };
}
