// A connection from inside that begins with TLS → the same, opened under this session's authority, and the server that takes it.
// The version of HTTP is the one the upstream speaks, so that both sides speak the same (RFC 7301).
//
// Only the upstream can say which one that is, and nothing is dialled that policy has not allowed. So where the tool offers
// HTTP/2 and the host is allowed, the connection is entered, then the upstream is dialled with the same offer, once a session
// and place, and that connection kept for the request to come. Where the host is refused nothing is dialled: the tool gets the
// version it likes best, so that each of its requests can be refused in HTTP.

import { isIP } from "node:net";
import { TLSSocket } from "node:tls";
import { type Host, parseHost } from "../domain/brand.ts";
import type { Authority } from "./authority/session-authority.ts";
import { holdsCredential } from "./conceal.ts";
import type { Gate } from "./gate.ts";
import type { Hello } from "./opening/hello.ts";
import { enterArrival, type Passage, recordArrival, recordUntrusting, stop, visitOf } from "./passage.ts";
import type { HttpServer } from "./requests/server.ts";
import type { HttpVersion } from "./upstream/dial.ts";

export interface Securing {
  readonly gate: Gate;
  readonly authority: Authority;
  readonly http: HttpServer;
  readonly http2: HttpServer;
}

/** With a certificate for what the client asked for, so that even a refusal can be told to it. Never rejects. */
export async function secure(
  passage: Passage,
  hello: Extract<Hello, { kind: "hello" }>,
  parts: Securing,
): Promise<void> {
  const { gate } = parts;
  const name = hello.name === undefined ? undefined : parseHost(hello.name);
  // a server name that is no name, or an address (RFC 6066 §3 forbids it), or that carries a real credential out
  const odd = name === undefined || isIP(name) !== 0 || holdsCredential(gate.seek, name);
  if (hello.name !== undefined && odd) {
    stop(gate, passage, "gateway:server-name");
    return;
  }
  const become = { carried: "tls", serverName: name } as const;
  const offered = hello.protocols.filter((one): one is HttpVersion => one === "h2" || one === "http/1.1");
  const meant = passage.verdict.kind === "allow" && (name === undefined || name === passage.host);
  if (!offered.includes("h2") || !meant) {
    recordArrival(gate, passage, become);
    open(passage, parts, { name, versions: offered.includes("h2") ? offered : ["http/1.1"] });
    return;
  }
  try {
    await enterArrival(gate, passage, become);
    const spoken = await spokenUpstream(passage, offered, gate);
    const both = offered.filter((version) => version === spoken);
    // one that cannot be reached, or does not speak what the tool insists on: its requests are told so
    open(passage, parts, { name, versions: both.length === 0 ? offered : both });
  } catch {
    passage.stream.destroy();
  }
}

/** Undefined where it cannot be reached in the time a client waits for its handshake. */
async function spokenUpstream(passage: Passage, offers: readonly HttpVersion[], gate: Gate) {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => resolve(undefined), gate.limits.asking);
  const { host, port, verdict } = passage;
  const asked = gate.pool.versionOf({ scheme: "https", host, port, grant: verdict.grant }, offers);
  const spoken = await Promise.race([asked, promise]);
  clearTimeout(timer);
  return spoken;
}

interface Agreed {
  readonly name: Host | undefined;
  /** To be agreed on, the best first. */
  readonly versions: readonly HttpVersion[];
}

function open(passage: Passage, parts: Securing, { name, versions }: Agreed): void {
  const { gate } = parts;
  const visit = visitOf(passage, { scheme: "https", serverName: name, tunnel: undefined });
  const over = new TLSSocket(passage.stream, {
    isServer: true,
    secureContext: parts.authority.issue(name ?? passage.host),
    ALPNProtocols: [...versions],
  });
  const timer = setTimeout(() => over.destroy(), gate.limits.opening);
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
    const server = over.alpnProtocol === "h2" ? parts.http2 : parts.http;
    server.take(over, visit);
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
    if (left && visit.requests === 0 && !visit.ended) recordUntrusting(gate, passage, { sure });
  });
}

/** TLS alerts by which a client says that it does not believe our certificate (RFC 8446 §6.2). */
function isAlert(code: string | undefined): boolean {
  return code !== undefined && /ALERT_(?:UNKNOWN_CA|BAD_CERTIFICATE|CERTIFICATE_UNKNOWN|ACCESS_DENIED)/.test(code);
}
