// A place that was allowed → an open connection to it: resolved once, every address checked, that very address dialled, the
// certificate verified for the name. Refuses private, loopback and metadata addresses a grant does not name.

import { lookup } from "node:dns/promises";
import { connect as connectTcp, isIP, type Socket } from "node:net";
import { connect as connectTls, type TLSSocket } from "node:tls";
import type { Host } from "../../domain/brand.ts";
import type { Scheme } from "../../domain/exchange.ts";
import { Fault } from "../../domain/fault.ts";
import type { NetworkGrant } from "../../domain/reach.ts";
import type { Limits } from "../limits.ts";
import { bypasses, openTunnel, type Proxy, type ProxyOptions, parseProxy } from "./proxy.ts";
import { openTrust, type Trust } from "./trust.ts";

export type HttpVersion = "http/1.1" | "h2";

export interface Route {
  readonly scheme: Scheme;
  readonly host: Host;
  readonly port: number;
  readonly grant: NetworkGrant | undefined;
  /** Versions of HTTP offered in TLS, in this order; HTTP/1.1 alone where none are told. */
  readonly offers?: readonly HttpVersion[];
}

/** Rejects with a Fault: `special`, an address no grant names; `upstream`, not reached or not believed. The socket may come paused. */
export type Dial = (route: Route) => Promise<Socket>;

/** Name → its addresses; the system's own by default. */
export type Resolve = (name: string) => Promise<readonly string[]>;

export interface DialOptions {
  /** PEM. */
  readonly authorities: readonly string[];
  readonly proxy: ProxyOptions | undefined;
  readonly isSpecial: (ip: string) => boolean;
  readonly resolve: Resolve | undefined;
  readonly limits: Limits;
}

/** Throws a Fault `proxy`, or an error where an authority's PEM cannot be read on first use. */
export function openDial(options: DialOptions): Dial {
  const parts: Parts = {
    ...options,
    trust: openTrust(options.authorities),
    resolve: options.resolve ?? resolveBySystem,
    https: given(options.proxy?.https),
    http: given(options.proxy?.http),
    direct: options.proxy?.noProxy ?? "",
  };
  return async (route) => {
    const proxy = proxyFor(route, parts);
    const socket = proxy === undefined ? await dialPlace(route, parts) : await dialProxy(proxy, route, parts);
    return route.scheme === "https" ? secure(socket, route, parts) : socket;
  };
}

interface Parts {
  readonly limits: Limits;
  readonly isSpecial: (ip: string) => boolean;
  readonly resolve: Resolve;
  readonly trust: Trust;
  readonly https: Proxy | undefined;
  readonly http: Proxy | undefined;
  readonly direct: string;
}

const given = (url: string | undefined): Proxy | undefined =>
  url === undefined || url === "" ? undefined : parseProxy(url);

async function resolveBySystem(name: string): Promise<readonly string[]> {
  return (await lookup(name, { all: true, order: "verbatim" })).map((found) => found.address);
}

function proxyFor(route: Route, parts: Parts): Proxy | undefined {
  if (route.grant?.upstream !== undefined || bypasses(parts.direct, route.host, route.port)) return undefined;
  return route.scheme === "http" ? parts.http : parts.https;
}

async function dialPlace(route: Route, parts: Parts): Promise<Socket> {
  const place = route.grant?.upstream === undefined ? route : parseAddress(route.grant.upstream.address);
  const addresses = await resolveAll(place.host, parts);
  const permitted = namesItself(route.grant) ? addresses : addresses.filter((ip) => !parts.isSpecial(ip));
  if (permitted.length === 0) {
    throw new Fault({ code: "special", message: "it resolves to a private, loopback or metadata address only" });
  }
  return dialFirst(permitted.slice(0, parts.limits.addresses), place.port, parts);
}

/** Does the grant say by itself that a private address is meant? */
function namesItself(grant: NetworkGrant | undefined): boolean {
  return grant?.upstream !== undefined || (grant?.protocol === "tcp" && grant.host.kind === "exact");
}

/** Through the user's own proxy names are resolved there; only a literal can be checked here. */
async function dialProxy(proxy: Proxy, route: Route, parts: Parts): Promise<Socket> {
  if (isIP(route.host) !== 0 && !namesItself(route.grant) && parts.isSpecial(route.host)) {
    throw new Fault({ code: "special", message: "it is a private, loopback or metadata address" });
  }
  const plain = await dialFirst(await resolveAll(proxy.host, parts), proxy.port, parts);
  const socket = proxy.secure
    ? await secureFor(plain, proxy.host, { parts, ca: undefined, key: undefined, offers: ["http/1.1"] })
    : plain;
  await withDeadline(openTunnel(socket, proxy, route), socket, parts.limits.connect);
  return socket;
}

async function resolveAll(host: string, parts: Parts): Promise<readonly string[]> {
  if (isIP(host) !== 0) return [host];
  try {
    return await parts.resolve(host);
  } catch (cause) {
    throw new Fault({ code: "upstream", message: "its name cannot be resolved", cause });
  }
}

async function dialFirst(addresses: readonly string[], port: number, parts: Parts): Promise<Socket> {
  let last: unknown;
  for (const ip of addresses) {
    try {
      const socket = connectTcp({ host: ip, port, noDelay: true });
      await withDeadline(opened(socket, "connect"), socket, parts.limits.connect);
      return socket;
    } catch (cause) {
      last = cause;
    }
  }
  throw new Fault({ code: "upstream", message: `it cannot be connected to (${reasonOf(last)})`, cause: last });
}

async function secure(socket: Socket, route: Route, parts: Parts): Promise<Socket> {
  const offers = route.offers ?? ["http/1.1"];
  const place = `${route.host}:${route.port}:${route.grant?.id ?? ""}:${route.grant?.upstream?.address ?? ""}`;
  const key = `${place}:${offers.join()}`;
  const over = await secureFor(socket, route.host, { parts, ca: route.grant?.upstream?.ca, key, offers });
  if (offers.includes("http/1.1") || over.alpnProtocol === "h2") return over;
  over.destroy();
  throw new Fault({ code: "upstream", message: "it does not speak HTTP/2" });
}

interface Securing {
  readonly parts: Parts;
  readonly ca: string | undefined;
  /** Under which a TLS session is remembered. */
  readonly key: string | undefined;
  readonly offers: readonly HttpVersion[];
}

/** `name`: what the certificate must be for. */
async function secureFor(socket: Socket, name: string, { parts, ca, key, offers }: Securing): Promise<TLSSocket> {
  const session = key === undefined ? undefined : parts.trust.session(key);
  const over = connectTls({
    socket,
    // for a literal address there is no server name to send (RFC 6066 §3); `host` is then what is verified
    ...(isIP(name) === 0 ? { servername: name } : { host: name }),
    secureContext: parts.trust.contextFor(ca),
    rejectUnauthorized: true,
    ALPNProtocols: [...offers],
    ...(session === undefined ? {} : { session }),
  });
  if (key !== undefined) over.on("session", (fresh: Buffer) => parts.trust.remember(key, fresh));
  try {
    await withDeadline(opened(over, "secureConnect"), over, parts.limits.connect);
  } catch (cause) {
    throw new Fault({ code: "upstream", message: `it cannot be trusted or spoken to (${reasonOf(cause)})`, cause });
  }
  return over;
}

function opened(socket: Socket, event: "connect" | "secureConnect"): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  socket.once(event, resolve);
  socket.once("error", reject);
  socket.once("close", () => reject(new Error("closed")));
  return promise;
}

async function withDeadline(work: Promise<void>, socket: Socket, time: number): Promise<void> {
  const timer = setTimeout(() => socket.destroy(new Error("it took too long")), time);
  try {
    await work;
  } catch (error) {
    socket.destroy();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return "unknown";
  return "code" in cause && typeof cause.code === "string" ? cause.code : cause.message;
}

/** `host:port` or `[v6]:port`, from the policy → its parts. Throws a Fault `upstream`. */
export function parseAddress(text: string): { readonly host: string; readonly port: number } {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(text);
  const port = Number(match?.[3]);
  if (match === null || port < 1 || port > 65_535) {
    throw new Fault({ code: "upstream", message: "the grant's upstream address is not host:port" });
  }
  return { host: match[1] ?? match[2] ?? "", port };
}
