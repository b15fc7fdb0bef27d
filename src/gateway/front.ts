// An arrival → what it is and who takes it: a question for a name, TLS, plain HTTP, something a grant lets through unopened,
// or something refused. Says nothing to the tool before that is known.

import { isIP, Socket } from "node:net";
import type { Duplex } from "node:stream";
import { TLSSocket } from "node:tls";
import { type Host, parseHost } from "../domain/brand.ts";
import type { Arrival } from "../domain/door.ts";
import type { Verdict } from "../domain/verdict.ts";
import type { Authority } from "./authority/session-authority.ts";
import { holdsCredential, type SealedProcess, sealAttribution } from "./conceal.ts";
import type { Gate, Visit } from "./gate.ts";
import type { Addresses } from "./names/addresses.ts";
import type { Names } from "./names/questions.ts";
import { carry } from "./opaque.ts";
import type { Hello } from "./opening/hello.ts";
import { type Opening, parseOpening } from "./opening/opening.ts";
import { recordArrival, recordUntrusting } from "./passage.ts";
import type { HttpServer } from "./requests/server.ts";

export interface FrontParts {
  readonly gate: Gate;
  readonly authority: Authority;
  readonly addresses: Addresses;
  readonly names: Names;
  readonly http: HttpServer;
}

export interface Front {
  readonly receive: (arrival: Arrival) => void;
  /** Ends every connection. */
  readonly close: () => void;
  /** Arrivals dropped because too many were open. */
  readonly overflow: () => number;
}

/** An arrival with what is known of it before its first byte. */
export interface Passage {
  readonly stream: Duplex;
  /** What was meant: a name where one of our addresses was dialled, else the address itself. */
  readonly host: Host;
  readonly port: number;
  readonly ip: string;
  readonly direct: boolean;
  readonly verdict: Verdict;
  readonly process: Promise<SealedProcess>;
}

export function openFront(parts: FrontParts): Front {
  const open = new Set<Duplex>();
  let overflow = 0;
  const receive = (arrival: Arrival): void => {
    const { stream } = arrival;
    // until somebody takes it over, a failing socket must not end the process
    stream.on("error", () => stream.destroy());
    parts.gate.tally.count("connections");
    if (open.size >= parts.gate.limits.connections || parts.gate.recorder.broken()) {
      overflow += 1;
      parts.gate.tally.count("overflow");
      return void stream.destroy();
    }
    open.add(stream);
    stream.on("close", () => open.delete(stream));
    if (stream instanceof Socket) stream.setNoDelay(true);
    admit(arrival, parts);
  };
  return {
    receive,
    close: () => {
      for (const stream of open) stream.destroy();
    },
    overflow: () => overflow,
  };
}

function admit(arrival: Arrival, parts: FrontParts): void {
  const { stream, destination, direct } = arrival;
  if (destination.port === 53 && !direct) {
    parts.names.serve(stream, arrival);
    return;
  }
  const host = parts.addresses.nameOf(destination.ip) ?? parseHost(destination.ip);
  // a door that gives no address is broken: nothing can be judged
  if (host === undefined) return void stream.destroy();
  const verdict = parts.gate.judge.reach(host, destination.port);
  const process = parts.gate.recorder.expect(sealAttribution(arrival.attribute));
  const passage = { stream, host, port: destination.port, ip: destination.ip, direct, verdict, process };
  if (direct) stop(passage, parts, "gateway:direct");
  else if (verdict.kind === "allow" && verdict.grant?.protocol === "tcp") void carry(stream, passage, parts.gate);
  else peek(passage, parts);
}

function stop(passage: Passage, parts: FrontParts, rule: string): void {
  parts.gate.tally.count("stopped");
  parts.gate.tally.refusal(passage.host);
  recordArrival(parts.gate, passage, { carried: "refused", rule });
  passage.stream.destroy();
}

/** Reads until it is clear what is spoken, then puts the bytes back. */
function peek(passage: Passage, parts: FrontParts): void {
  const { stream } = passage;
  let bytes: Buffer = Buffer.alloc(0);
  const timer = setTimeout(() => settle({ kind: "other" }, "gateway:silent"), parts.gate.limits.opening);
  const settle = (opening: Exclude<Opening, { kind: "more" }>, rule: string): void => {
    clearTimeout(timer);
    stream.off("readable", onReadable).off("end", onEnd).off("close", onClose);
    if (bytes.length > 0 && !stream.destroyed) stream.unshift(bytes);
    pass(passage, opening, { parts, rule });
  };
  const onReadable = (): void => {
    for (let chunk = read(stream); chunk !== undefined; chunk = read(stream)) {
      bytes = bytes.length === 0 ? chunk : Buffer.concat([bytes, chunk]);
    }
    const opening = parseOpening(bytes);
    if (opening.kind !== "more") settle(opening, "gateway:not-http");
  };
  const onEnd = (): void => settle({ kind: "other" }, bytes.length === 0 ? "gateway:empty" : "gateway:not-http");
  const onClose = onEnd;
  stream.on("readable", onReadable).on("end", onEnd).on("close", onClose);
}

function read(stream: Duplex): Buffer | undefined {
  const chunk: unknown = stream.read();
  return Buffer.isBuffer(chunk) ? chunk : undefined;
}

interface Way {
  readonly parts: FrontParts;
  readonly rule: string;
}

function pass(passage: Passage, opening: Exclude<Opening, { kind: "more" }>, { parts, rule }: Way): void {
  switch (opening.kind) {
    case "tls":
      startTls(passage, opening.hello, parts);
      break;
    case "http":
      recordArrival(parts.gate, passage, { carried: "http" });
      parts.http.take(passage.stream, visitOf(passage, "http", undefined));
      break;
    case "http2":
      stop(passage, parts, "gateway:http2-cleartext");
      break;
    case "other":
      stop(passage, parts, rule);
  }
}

function visitOf(passage: Passage, scheme: "https" | "http", serverName: Host | undefined): Visit {
  const { host, port, process } = passage;
  return { scheme, host, port, serverName, process, waiting: 0, requests: 0, tail: Promise.resolve(), ended: false };
}

/** With a certificate for what the client asked for, so that even a refusal can be told to it. */
function startTls(passage: Passage, hello: Extract<Hello, { kind: "hello" }>, parts: FrontParts): void {
  const name = hello.name === undefined ? undefined : parseHost(hello.name);
  // a server name that is no name, or an address (RFC 6066 §3 forbids it), or that carries a real credential out
  const odd = name === undefined || isIP(name) !== 0 || holdsCredential(parts.gate.seek, name);
  if (hello.name !== undefined && odd) {
    stop(passage, parts, "gateway:server-name");
    return;
  }
  recordArrival(parts.gate, passage, { carried: "tls", ...(name === undefined ? {} : { serverName: name }) });
  const visit = visitOf(passage, "https", name);
  const over = new TLSSocket(passage.stream, {
    isServer: true,
    secureContext: parts.authority.issue(name ?? passage.host),
    ALPNProtocols: ["http/1.1"],
  });
  const timer = setTimeout(() => over.destroy(), parts.gate.limits.opening);
  let secured = false;
  let sure = false;
  /** It ended the connection, not we. */
  let left = false;
  over.on("end", () => {
    left = true;
  });
  over.on("secure", () => {
    clearTimeout(timer);
    secured = true;
    parts.http.take(over, visit);
  });
  over.on("error", (error: Error & { code?: string }) => {
    sure = !secured && isAlert(error.code);
    left ||= sure || error.code === "ECONNRESET";
    over.destroy();
  });
  over.on("close", () => {
    clearTimeout(timer);
    passage.stream.destroy();
    // some runtimes send no alert: they just leave, during the handshake or right after it
    if (left && visit.requests === 0) recordUntrusting(parts.gate, passage, { sure });
  });
}

/** TLS alerts by which a client says that it does not believe our certificate (RFC 8446 §6.2). */
function isAlert(code: string | undefined): boolean {
  return code !== undefined && /ALERT_(?:UNKNOWN_CA|BAD_CERTIFICATE|CERTIFICATE_UNKNOWN|ACCESS_DENIED)/.test(code);
}
