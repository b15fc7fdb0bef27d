// The whole gate on loopback, and behind it servers that write down what they were sent: octets as they came, and requests as
// another parser reads them. What the gate's own record says of the same stands beside it.

import { createServer as createHttp1Server, type IncomingMessage } from "node:http";
import { createServer as createHttp2Server, type ServerHttp2Stream } from "node:http2";
import { createServer, type Server, type Socket } from "node:net";
import { setTimeout as pause, setImmediate as turn } from "node:timers/promises";
import { grantFor, judgeFor, listen, openStage } from "../../src/gateway/rehearsal.ts";

/** The one that is dialled, and another that a proxy could be asked for. */
export const hosts = ["api.vendor.example", "other.example"] as const;
export type HostName = (typeof hosts)[number];

/** One request, whoever read it. */
export interface Seen {
  readonly method: string;
  readonly target: string;
  /** As it was named in the request; of the record: as it was judged. */
  readonly host: string;
  /** Octets of its body. */
  readonly size: number;
  /** Its body, Latin-1; undefined where the reader does not tell. */
  readonly body?: string;
}

export interface Passed {
  /** What left: the requests that the record holds. */
  readonly judged: readonly Seen[];
  /** What the upstreams read, in the order of their ends. */
  readonly sent: readonly (Seen & { readonly upstream: HostName })[];
  /** Octets by connection, for other readers. */
  readonly raw: readonly { readonly upstream: HostName; readonly bytes: Buffer }[];
  /** What an upstream could not read. */
  readonly unread: readonly string[];
  /** Rules of what was refused. */
  readonly refused: readonly string[];
  readonly reply: string;
}

interface Notes {
  readonly sent: (Seen & { readonly upstream: HostName })[];
  readonly raw: Map<Socket, { upstream: HostName; chunks: Buffer[] }>;
  readonly unread: string[];
  /** Something has happened so many times. */
  activity: number;
}

export async function readBody(stream: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString("latin1");
}

function openHttp1(upstream: HostName, notes: Notes): Server {
  const http = createHttp1Server(
    { requireHostHeader: false, keepAliveTimeout: 0 },
    (request: IncomingMessage, response) => {
      readBody(request).then(
        (body) => {
          const { method = "", url = "", headers } = request;
          notes.sent.push({ method, target: url, host: headers.host ?? "", size: body.length, body, upstream });
          notes.activity += 1;
          response.end("ok");
        },
        (error: unknown) => notes.unread.push(`a body that does not end: ${String(error)}`),
      );
    },
  );
  http.on("clientError", (error: Error & { code?: string }, socket) => {
    // the gate may leave; what it says may not be unreadable
    if (error.code?.startsWith("HPE_") === true && error.code !== "HPE_INVALID_EOF_STATE")
      notes.unread.push(error.code);
    socket.destroy();
  });
  return createServer((socket) => {
    const held = { upstream, chunks: [] as Buffer[] };
    notes.raw.set(socket, held);
    // the listener comes second: before, the parser would take the octets past it
    http.emit("connection", socket);
    socket.on("data", (chunk) => {
      notes.activity += 1;
      held.chunks.push(chunk);
    });
  });
}

function openHttp2(upstream: HostName, notes: Notes): Server {
  const server = createHttp2Server();
  server.on("sessionError", (error: Error & { code?: string }) => {
    if (error.code !== "ECONNRESET") notes.unread.push(String(error.code ?? error));
  });
  server.on("stream", (stream: ServerHttp2Stream, headers) => {
    stream.on("error", () => undefined);
    readBody(stream).then(
      (body) => {
        const [method, target] = [String(headers[":method"]), String(headers[":path"])];
        const host = headers[":authority"] ?? headers.host ?? "";
        notes.sent.push({ method, target, host, size: body.length, body, upstream });
        notes.activity += 1;
        if (!stream.destroyed) {
          stream.respond({ ":status": 200 });
          stream.end("ok");
        }
      },
      () => undefined,
    );
  });
  server.on("connection", (socket: Socket) => socket.on("data", () => (notes.activity += 1)));
  return server;
}

export interface FrontStage {
  /** These octets on one connection, until nothing happens any more. */
  readonly pass: (bytes: Buffer) => Promise<Passed>;
  /** The same where that gave a result nobody expects: what was still under way has ended first, and much longer is waited. */
  readonly passAgain: (bytes: Buffer) => Promise<Passed>;
  readonly close: () => Promise<void>;
}

/** The port that is dialled. */
const port = 80;
/** Turns of the loop in which nothing happens before nothing is awaited any more. */
const quiet = 40;

/** Another program in the place of both upstreams. */
export interface Through {
  readonly port: number;
  /** What it passed on since this was asked last. */
  readonly taken: () => readonly Seen[];
}

export async function openFrontStage(version: "http/1.1" | "h2", through?: Through): Promise<FrontStage> {
  const notes: Notes = { sent: [], raw: new Map(), unread: [], activity: 0 };
  const servers = hosts.map((name) => (version === "h2" ? openHttp2 : openHttp1)(name, notes));
  const ports = await Promise.all(servers.map(listen));
  const grants = hosts.map((name, at) =>
    grantFor(name, { id: name, upstream: { address: `127.0.0.1:${through?.port ?? ports[at]}`, ca: undefined } }),
  );
  const stage = await openStage({ judge: judgeFor(grants) });
  const address = await stage.addressOf(hosts[0]);
  let known = stage.entries.length;
  const pass = async (bytes: Buffer, rest: () => Promise<unknown>): Promise<Passed> => {
    const socket = await stage.dial(address, port);
    let reply = "";
    socket.setNoDelay(true);
    socket.on("data", (chunk: Buffer) => (reply += chunk.toString("latin1")));
    socket.on("error", () => undefined);
    socket.write(bytes);
    let seen = "";
    for (let turns = 0; turns < quiet && !socket.closed; turns += 1) {
      await rest();
      const now = `${notes.activity} ${stage.entries.length} ${reply.length}`;
      if (now !== seen) turns = 0;
      seen = now;
    }
    socket.destroy();
    const entries = stage.entries.slice(known);
    known = stage.entries.length;
    const passed = { reply, ...tell(notes), ...judgedOf(entries) };
    return through === undefined ? passed : { ...passed, sent: through.taken().map(atItsHost) };
  };
  return {
    pass: (bytes) => pass(bytes, through === undefined ? turn : () => pause(1)),
    passAgain: async (bytes) => {
      await pass(Buffer.alloc(0), () => pause(5));
      return pass(bytes, () => pause(5));
    },
    close: async () => {
      await stage[Symbol.asyncDispose]();
      for (const server of servers) server.close();
      for (const socket of notes.raw.keys()) socket.destroy();
    },
  };
}

/** It names one of ours, or it is nobody's. */
function atItsHost(seen: Seen) {
  return { ...seen, upstream: hosts.find((name) => name === seen.host) ?? hosts[0] };
}

/** What came since it was asked last. */
function tell(notes: Notes) {
  const raw = [...notes.raw.values()]
    .filter(({ chunks }) => chunks.length > 0)
    .map(({ upstream, chunks }) => ({ upstream, bytes: Buffer.concat(chunks.splice(0)) }));
  for (const socket of notes.raw.keys()) if (socket.destroyed) notes.raw.delete(socket);
  return { raw, sent: notes.sent.splice(0), unread: notes.unread.splice(0) };
}

type Entries = Awaited<ReturnType<typeof openStage>>["entries"];

function judgedOf(entries: Entries) {
  const text = (value: unknown): string => (typeof value === "string" ? value : "");
  const judged = entries
    .filter(({ kind, verdict }) => kind === "request" && verdict === "allow")
    .map(({ sealed = {}, counts = {} }): Seen => {
      const { method, target, host } = sealed;
      return { method: text(method), target: text(target), host: text(host), size: counts["bytes-out"] ?? 0 };
    });
  return { judged, refused: entries.filter(({ verdict }) => verdict === "refuse").map(({ rule = "" }) => rule) };
}
