// For tests: the runtime's own HTTP/2 (nghttp2) on both sides of a gate, so that what we write is read by somebody else. Nothing
// here runs in a session.

import type { SecureClientSessionOptions } from "node:http2";
import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  createSecureServer,
  type ServerHttp2Session,
  type ServerHttp2Stream,
  sensitiveHeaders,
} from "node:http2";
import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import { createAuthority } from "./authority/session-authority.ts";
import type { GatewayOptions } from "./gateway.ts";
import { Connection } from "./http2/connection.ts";
import type { Fields } from "./http2/head-reader.ts";
import type { Stream } from "./http2/stream.ts";
import { limits } from "./limits.ts";
import { grantFor, host, judgeFor, listen, once, openStage, type Stage } from "./rehearsal.ts";

/** One request as the upstream read it. */
export interface Asked {
  /** Name and value alternating, pseudo-fields among them. */
  readonly raw: readonly string[];
  /** Names that came as such that no table may hold. */
  readonly never: readonly string[];
  readonly stream: ServerHttp2Stream;
  /** Whole, once it has ended. */
  readonly body: Promise<Buffer>;
  trailers: readonly string[];
}

export interface Http2Upstream extends AsyncDisposable {
  readonly address: string;
  readonly ca: string;
  readonly asked: readonly Asked[];
  readonly sessions: readonly ServerHttp2Session[];
  /** Connections so far, whatever came on them. */
  readonly connections: () => number;
}

export async function openHttp2Upstream(answer: (asked: Asked) => void): Promise<Http2Upstream> {
  const authority = createAuthority();
  const asked: Asked[] = [];
  const sessions: ServerHttp2Session[] = [];
  let connections = 0;
  const server = createSecureServer({
    SNICallback: (name, done) => done(null, authority.issue(host(name))),
  });
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on("error", () => undefined);
  });
  server.on("session", (session) => sessions.push(session));
  server.on("sessionError", () => undefined);
  server.on("stream", (stream: ServerHttp2Stream, headers: object, _flags: unknown, raw: string[]) => {
    const never: readonly string[] = Reflect.get(headers, sensitiveHeaders) ?? [];
    const one = { raw, never, stream, body: gather(stream), trailers: [] as readonly string[] };
    stream.on("trailers", (_trailers: unknown, _set: unknown, rawTrailers?: string[]) => {
      one.trailers = rawTrailers ?? [];
    });
    stream.on("error", () => undefined);
    asked.push(one);
    answer(one);
  });
  const port = await listen(server);
  return {
    address: `127.0.0.1:${port}`,
    ca: authority.pem,
    asked,
    sessions,
    connections: () => connections,
    [Symbol.asyncDispose]: async () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

export const name = "api.vendor.example";
/** What asks it. */
export const fields = (path: string, ...more: string[]) => [
  ":method",
  "POST",
  ":path",
  path,
  ":scheme",
  "https",
  ":authority",
  name,
  ...more,
];

/** With such a server behind it, that the name leads to. */
export async function stand(answer: (asked: Asked) => void, options: Partial<GatewayOptions> = {}) {
  const upstream = await openHttp2Upstream(answer);
  const grant = grantFor(name, { upstream: { address: upstream.address, ca: upstream.ca } });
  const stage = await openStage({ judge: judgeFor([grant]), ...options });
  return {
    upstream,
    stage,
    dial: () => dialHttp2(stage, name),
    entries: async (kind: string) => {
      await stage.gateway.close();
      return stage.entries.filter((entry) => entry.kind === kind);
    },
    [Symbol.asyncDispose]: async () => {
      await stage[Symbol.asyncDispose]();
      await upstream[Symbol.asyncDispose]();
    },
  };
}

async function gather(stream: ServerHttp2Stream | ClientHttp2Stream): Promise<Buffer> {
  const chunks: Buffer[] = [];
  stream.on("data", (chunk: Buffer) => chunks.push(chunk));
  const { promise, resolve } = Promise.withResolvers<void>();
  stream.on("end", resolve).on("close", resolve);
  await promise;
  return Buffer.concat(chunks);
}

export interface Answered {
  readonly status: number;
  readonly raw: readonly string[];
  readonly body: string;
  readonly trailers: readonly string[];
  readonly informational: readonly (readonly string[])[];
  /** The code it was reset with; 0 where it ended as it should. */
  readonly code: number;
}

/** By name, as the tool would, with this offer. */
export async function dialHttp2(
  stage: Stage,
  name: string,
  options: SecureClientSessionOptions = {},
  offers: readonly string[] = ["h2", "http/1.1"],
): Promise<ClientHttp2Session> {
  const socket: TLSSocket = await stage.dialTls(name, { ALPNProtocols: [...offers] });
  const session = connect(`https://${name}`, { createConnection: () => socket, ...options });
  session.on("error", () => undefined);
  return session;
}

/** Fields in exactly this order; what follows them. */
export async function ask(
  session: ClientHttp2Session,
  fields: readonly string[],
  body?: Buffer | string,
): Promise<Answered> {
  const stream = session.request(fields, { endStream: body === undefined });
  if (body !== undefined) stream.end(body);
  return read(stream);
}

export async function read(stream: ClientHttp2Stream): Promise<Answered> {
  const seen = { status: 0, raw: [] as readonly string[], trailers: [] as readonly string[] };
  const informational: (readonly string[])[] = [];
  stream.on("error", () => undefined);
  stream.on("headers", (_headers: unknown, _flags: unknown, raw?: string[]) => informational.push(raw ?? []));
  stream.on("response", (headers, _flags: unknown, raw?: string[]) => {
    seen.status = Number(headers[":status"]);
    seen.raw = raw ?? [];
  });
  stream.on("trailers", (_trailers: unknown, _flags: unknown, raw?: string[]) => {
    seen.trailers = raw ?? [];
  });
  const body = gather(stream);
  if (!stream.closed) await once(stream, "close").catch(() => undefined);
  return { ...seen, informational, body: (await body).toString("latin1"), code: stream.rstCode ?? 0 };
}

/** Our own client's end of a connection over this socket: it says whatever it is told to. */
export function speak(socket: TLSSocket): Connection {
  const connection = new Connection(
    { role: "client", limits, clock: Date.now },
    { write: (bytes) => socket.write(bytes), opened: () => false, failed: () => undefined, leaving: () => undefined },
  );
  socket.on("data", (chunk: Buffer) => connection.receive(chunk));
  socket.on("error", () => undefined);
  return connection;
}

/** The head of the answer on it. */
export function hear(stream: Stream): Promise<Fields> {
  const { promise, resolve, reject } = Promise.withResolvers<Fields>();
  stream.hearer = {
    fields: resolve,
    data: () => undefined,
    lost: (why) => reject(new Error(why)),
    drained: () => undefined,
    said: () => undefined,
  };
  return promise;
}
