// A script and a key → a server on loopback that plays it, over plain HTTP or under the certificate it is given.
// Everything it received stays on record as ground truth. Refuses bodies and records over the bounds with an error.

import { appendFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createSecureServer } from "node:https";
import { TLSSocket } from "node:tls";
import { Fault } from "../domain/fault.ts";
import { readBody } from "./body.ts";
import { maxHeldBytes, maxRequests } from "./limits.ts";
import { type Answer, play, refuse } from "./play.ts";
import type { Script } from "./script.ts";

export interface VendorOptions {
  readonly script: Script;
  /** The key that is let in; anything else is answered with 401. */
  readonly key: string;
  /** Certificate and key (PEM), for `vendorNames`; undefined: plain HTTP. */
  readonly tls: { readonly cert: string; readonly key: string } | undefined;
  /** 0 or nothing: whichever is free. */
  readonly port?: number;
  /** What `/v1/models` lists. */
  readonly models?: readonly string[];
  /** How much is held, in place of `maxRequests` and `maxHeldBytes`. */
  readonly keep?: { readonly requests: number; readonly bytes: number };
  /** A file to which each request is appended, one JSON object a line: it holds keys and bodies as they came. */
  readonly log?: string;
  /** Awaited before each write of a streamed reply, counted from 0: lets a test hold a stream at any point. */
  readonly pace?: (frame: number) => Promise<void>;
}

/** One request as it came. Attacker-controlled, and not redacted: it is what a vendor would hold. */
interface Received {
  readonly method: string;
  readonly target: string;
  /** Name and value alternating, order and case as received. */
  readonly headers: readonly string[];
  /** As sent, before any decoding. */
  readonly body: Buffer;
  /** The name asked for in TLS; undefined on plain HTTP or without one. */
  readonly servername: string | undefined;
  readonly status: number;
}

export interface Vendor extends AsyncDisposable {
  /** `127.0.0.1:port`. */
  readonly address: string;
  /** In order of arrival, growing. */
  readonly requests: readonly Received[];
  /** Ends every connection. Idempotent. */
  readonly close: () => Promise<void>;
}

/** What its certificate should be good for: the providers it stands in for, and itself. */
export const vendorNames: readonly string[] = [
  "api.anthropic.com",
  "api.openai.com",
  "chatgpt.com",
  "generativelanguage.googleapis.com",
  "localhost",
  "127.0.0.1",
];

/** Rejects with a Fault where the port cannot be had. */
export async function openVendor(options: VendorOptions): Promise<Vendor> {
  const record: Record = { requests: [], bytes: 0 };
  const listener = (request: IncomingMessage, response: ServerResponse) => {
    serve(options, record, { request, response }).catch(() => response.destroy());
  };
  const { tls } = options;
  const server =
    tls === undefined ? createServer(listener) : createSecureServer({ cert: tls.cert, key: tls.key }, listener);
  await listen(server, options.port ?? 0);
  const bound = server.address();
  const port = typeof bound === "object" && bound !== null ? bound.port : 0;
  const close = () => shut(server);
  return {
    address: `127.0.0.1:${port}`,
    requests: record.requests,
    close,
    [Symbol.asyncDispose]: close,
  };
}

interface Record {
  readonly requests: Received[];
  /** Of all bodies held. */
  bytes: number;
}

interface Dialogue {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

async function serve(options: VendorOptions, record: Record, dialogue: Dialogue): Promise<void> {
  const { request, response } = dialogue;
  const head = { method: request.method ?? "", target: request.url ?? "", headers: lastOf(request.rawHeaders) };
  const body = await readBody(request);
  const keep = options.keep ?? { requests: maxRequests, bytes: maxHeldBytes };
  const full = record.requests.length >= keep.requests || record.bytes + (body?.length ?? 0) > keep.bytes;
  const answer = answerFor(options, { ...head, body, full });
  if (!full) {
    const { method, target } = head;
    const socket = request.socket;
    const servername =
      socket instanceof TLSSocket && typeof socket.servername === "string" ? socket.servername : undefined;
    const headers = request.rawHeaders;
    const received = { method, target, headers, body: body ?? Buffer.alloc(0), servername, status: answer.status };
    record.requests.push(received);
    record.bytes += received.body.length;
    if (options.log !== undefined) note(options.log, received);
  }
  await send(response, answer, options.pace);
}

interface Asked {
  readonly method: string;
  readonly target: string;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Buffer | undefined;
  readonly full: boolean;
}

function answerFor(options: VendorOptions, asked: Asked): Answer {
  if (asked.full) return refuse(asked, "busy", "the record of requests is full");
  if (asked.body === undefined) return refuse(asked, "request", "body too long");
  const models = options.models ?? ["lab-model"];
  return play({ script: options.script, key: options.key, models }, { ...asked, body: asked.body });
}

async function send(response: ServerResponse, answer: Answer, pace: VendorOptions["pace"]): Promise<void> {
  const [only, ...more] = answer.frames;
  const length = more.length === 0 && only !== undefined ? { "content-length": Buffer.byteLength(only) } : {};
  response.writeHead(answer.status, { "content-type": answer.type, "cache-control": "no-cache", ...length });
  for (const [index, frame] of answer.frames.entries()) {
    if (answer.frames.length > 1) await pace?.(index);
    if (response.destroyed) return;
    if (!response.write(frame)) await drained(response);
  }
  response.end();
}

/** Resolves when there is room again, or when nobody reads any more. */
function drained(response: ServerResponse): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  response.once("drain", resolve);
  response.once("close", resolve);
  return promise;
}

function lastOf(raw: readonly string[]): ReadonlyMap<string, string> {
  const headers = new Map<string, string>();
  for (let at = 0; at + 1 < raw.length; at += 2) headers.set((raw[at] ?? "").toLowerCase(), raw[at + 1] ?? "");
  return headers;
}

function note(file: string, received: Received): void {
  const line = { ...received, body: received.body.toString("utf8") };
  appendFileSync(file, `${JSON.stringify(line)}\n`, { mode: 0o600 });
}

function listen(server: Server, port: number): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once("error", (cause) =>
    reject(new Fault({ code: "listen", message: `vendor: cannot listen on port ${port}`, cause })),
  );
  server.listen(port, "127.0.0.1", resolve);
  return promise;
}

function shut(server: Server): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  server.close(() => resolve());
  server.closeAllConnections();
  return promise;
}
