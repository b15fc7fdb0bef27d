// A script and a key → a server on loopback that plays it, over plain HTTP or under the certificate it is given.
// Everything it received stays on record as ground truth. Refuses bodies and records over the bounds with an error.

import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from "node:http";
import { createSecureServer } from "node:http2";
import type { Server, Socket } from "node:net";
import { Fault } from "../domain/fault.ts";
import { readBody } from "./body.ts";
import { type Answer, play, refuse } from "./play.ts";
import { lastOf, type Received, Record, type RecordOptions, servernameOf } from "./record.ts";
import type { Script } from "./script.ts";
import { serveSocket } from "./socket.ts";

interface Pair {
  readonly cert: string;
  readonly key: string;
}

export interface VendorOptions extends RecordOptions {
  readonly script: Script;
  /** The key that is let in; anything else is answered with 401. */
  readonly key: string;
  /** Certificate and key (PEM), for `vendorNames`; undefined: plain HTTP. */
  readonly tls: Pair | undefined;
  /** 0 or nothing: whichever is free. */
  readonly port?: number;
  /** What `/v1/models` lists. */
  readonly models?: readonly string[];
  /** Awaited before each write of a streamed reply, counted from 0: lets a test hold a stream at any point. */
  readonly pace?: (frame: number) => Promise<void>;
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
  const record = new Record(options);
  const listener = (request: IncomingMessage, response: ServerResponse) => {
    serve(options, record, { request, response }).catch(() => response.destroy());
  };
  const server = options.tls === undefined ? createServer(listener) : secure(options.tls, listener);
  server.on("upgrade", (request: IncomingMessage, socket: Socket, head: Buffer) => {
    serveSocket(options, record, { request, socket, head }).catch(() => socket.destroy());
  });
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  await listen(server, options.port ?? 0);
  const bound = server.address();
  const port = typeof bound === "object" && bound !== null ? bound.port : 0;
  const close = () => shut(server, sockets);
  return {
    address: `127.0.0.1:${port}`,
    requests: record.requests,
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** HTTP/2 where the client offers it, else HTTP/1.1; its requests and answers are the runtime's for HTTP/1.1 in all that is used here. */
function secure({ cert, key }: Pair, listener: RequestListener): Server {
  const server = createSecureServer({ cert, key, allowHTTP1: true });
  server.on("request", listener);
  return server;
}

interface Dialogue {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

async function serve(options: VendorOptions, record: Record, { request, response }: Dialogue): Promise<void> {
  const head = { method: request.method ?? "", target: request.url ?? "", headers: lastOf(request.rawHeaders) };
  const body = await readBody(request);
  const full = !record.holds(body?.length ?? 0);
  const answer = answerFor(options, { ...head, body, full });
  if (!full) {
    record.add({
      protocol: request.httpVersion === "2.0" ? "h2" : "http/1.1",
      method: head.method,
      target: head.target,
      headers: request.rawHeaders,
      body: body ?? Buffer.alloc(0),
      servername: servernameOf(request.socket),
      status: answer.status,
    });
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

function listen(server: Server, port: number): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once("error", (cause) =>
    reject(new Fault({ code: "listen", message: `vendor: cannot listen on port ${port}`, cause })),
  );
  server.listen(port, "127.0.0.1", resolve);
  return promise;
}

function shut(server: Server, sockets: ReadonlySet<Socket>): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  server.close(() => resolve());
  for (const socket of sockets) socket.destroy();
  return promise;
}
