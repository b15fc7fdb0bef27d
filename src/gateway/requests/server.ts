// Connections that speak HTTP/1.1 → exchanges, one after the other on each. The runtime's parser (llhttp, strict) reads; what
// it refuses is answered and entered here.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { Gate, Visit } from "../gate.ts";
import { asksForWebSocket } from "../websocket/opening.ts";
import type { Asker } from "./asker.ts";
import { handle } from "./handling.ts";
import { Http1Asker } from "./http1-asker.ts";
import { checkHttp1 } from "./http1-framing.ts";
import { readConnect } from "./tunnel.ts";
import { recordUnreadable } from "./unreadable.ts";
import { UpgradeAsker } from "./upgrade-asker.ts";

export interface HttpServer {
  readonly take: (stream: Duplex, visit: Visit) => void;
  readonly close: () => void;
}

export function openHttpServer(gate: Gate): HttpServer {
  const visits: Visits = new WeakMap();
  const server = createServer({
    insecureHTTPParser: false,
    // a request without Host is refused by us, so that it is on the record
    requireHostHeader: false,
    maxHeaderSize: gate.limits.head,
    headersTimeout: gate.limits.headTime,
    requestTimeout: gate.limits.requestTime,
    keepAliveTimeout: gate.limits.keptTime,
    connectionsCheckingInterval: Math.min(5000, gate.limits.headTime),
    // any other change of protocol is a request like others, and refused as such
    shouldUpgradeCallback: ({ rawHeaders }) => asksForWebSocket(rawHeaders),
  });
  // the bound is on bytes; a bound on their number would drop headers without a word
  server.maxHeadersCount = 0;
  for (const listen of [listenForRequests, listenForTunnels, listenForFaults]) listen(server, gate, visits);
  // no port is ever opened; this starts the watch over deadlines, which waits for it
  server.emit("listening");
  return {
    take: (stream, visit) => {
      visits.set(stream, visit);
      server.emit("connection", stream);
    },
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

type Visits = WeakMap<Duplex, Visit>;

function listenForRequests(server: Server, gate: Gate, visits: Visits): void {
  const take = (request: IncomingMessage, askerFor: () => Asker): void => {
    const visit = visits.get(request.socket);
    if (visit === undefined || gate.recorder.broken()) return void request.socket.destroy();
    visit.requests += 1;
    visit.waiting += 1;
    if (visit.waiting > gate.limits.pipelined) {
      refuseFlood(gate, visit, request.socket);
      return;
    }
    const head = { method: request.method ?? "", target: request.url ?? "", headers: request.rawHeaders };
    const asker = askerFor();
    const begun = { gate, visit, asker, head, started: gate.clock() };
    const framed = checkHttp1(head, request.httpVersion, visit);
    const begin = (): Promise<void> => (asker.gone || visit.ended ? Promise.resolve() : handle(begun, framed));
    const previous = visit.waiting === 1 ? begin() : visit.tail.then(begin);
    const ended = previous.then(
      () => {
        visit.waiting -= 1;
        visit.rested = gate.clock();
      },
      (bug: unknown) => {
        request.socket.destroy();
        gate.recorder.abandon(bug);
      },
    );
    visit.tail = gate.recorder.expect(ended);
  };
  const answer = (request: IncomingMessage, response: ServerResponse): void =>
    take(request, () => new Http1Asker(request, response));
  for (const event of ["request", "checkContinue", "checkExpectation"]) server.on(event, answer);
  server.on("upgrade", (request: IncomingMessage, stream: Duplex, rest: Buffer) => {
    // what it has said already, as if it had not been read
    if (rest.length > 0) stream.unshift(rest);
    stream.on("error", () => stream.destroy());
    take(request, () => new UpgradeAsker(stream, () => refuseBehind(gate, visits.get(request.socket))));
  });
}

function listenForTunnels(server: Server, gate: Gate, visits: Visits): void {
  server.on("connect", (request: IncomingMessage, stream: Duplex, rest: Buffer) => {
    const visit = visits.get(stream);
    if (visit === undefined || visit.ended) return void stream.destroy();
    // behind requests that are not answered, nobody could tell their answers from what the tunnel holds
    if (visit.waiting > 0) return refuseFlood(gate, visit, stream);
    const asked = readConnect({ target: request.url ?? "", headers: request.rawHeaders }, visit, gate);
    if ("kind" in asked) return refuseRaw(gate, stream, { visit, ...asked, method: "CONNECT" });
    visit.requests += 1;
    stream.write("HTTP/1.1 200 Connection established\r\n\r\n");
    if (rest.length > 0) stream.unshift(rest);
    visit.tunnel?.(stream, asked);
  });
}

function listenForFaults(server: Server, gate: Gate, visits: Visits): void {
  server.on("clientError", (error: Error & { code?: string }, stream: Socket) => {
    const visit = visits.get(stream);
    // it left, or said nothing: no request, so nothing refused
    if (error.code === "ECONNRESET" || error.code === "EPIPE" || !stream.writable) return void stream.destroy();
    refuseRaw(gate, stream, { visit, ...faultOf(error.code) });
  });
}

interface RawReason {
  readonly visit: Visit | undefined;
  readonly status: number;
  readonly rule: string;
  readonly reason?: string;
  readonly method?: string;
  /** The parser's own code. */
  readonly code?: string;
}

function faultOf(code: string | undefined): { readonly status: number; readonly rule: string; readonly code: string } {
  const detail = code ?? "unknown";
  if (code === "HPE_HEADER_OVERFLOW") return { status: 431, rule: "gateway:head-limit", code: detail };
  if (code === "ERR_HTTP_REQUEST_TIMEOUT") return { status: 408, rule: "gateway:deadline", code: detail };
  return { status: 400, rule: "gateway:framing", code: detail };
}

/** No request could be made of it: a plain answer, after the entry, and the connection ends. */
function refuseRaw(gate: Gate, stream: Duplex, raw: RawReason): void {
  const { visit, status, rule, method, code, reason = "the request cannot be read strictly" } = raw;
  if (visit === undefined) return void stream.destroy();
  // the rest of a request that is being refused
  if (visit.ended) return;
  visit.ended = true;
  const answer = (): void => {
    if (!stream.writable) return void stream.destroy();
    stream.end(`HTTP/1.1 ${status} ${textOf(status)}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`);
    // it may go on sending what nobody reads
    stream.resume();
    setTimeout(() => stream.destroy(), gate.limits.opening).unref();
  };
  recordUnreadable(gate, visit, { rule, reason, method, detail: code ?? method }).then(answer, () => stream.destroy());
}

/** More written ahead than anybody means: the connection ends with all that waits on it, and one entry says so. */
function refuseFlood(gate: Gate, visit: Visit, stream: Duplex): void {
  stream.destroy();
  if (visit.ended) return;
  visit.ended = true;
  const reason = "more requests were written ahead on one connection than are held";
  recordUnreadable(gate, visit, { rule: "gateway:pipelined", reason }).catch(() => undefined);
}

/** Written behind an opening of a WebSocket that came to nothing: read by nobody, and one entry says so. */
function refuseBehind(gate: Gate, visit: Visit | undefined): void {
  if (visit === undefined || visit.ended) return;
  visit.ended = true;
  const reason = "written behind an opening of a WebSocket that came to nothing";
  recordUnreadable(gate, visit, { rule: "gateway:pipelined", reason }).catch(() => undefined);
}

function textOf(status: number): string {
  if (status === 408) return "Request Timeout";
  return status === 431 ? "Request Header Fields Too Large" : "Bad Request";
}
