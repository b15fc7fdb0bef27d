// A request's head, as the strict parser of the runtime (llhttp) let it through → what it asks, or why two readers could
// read it in two ways. Attacker-controlled. RFC 9112 §3, §6; RFC 9110 §7.2.

import type { RequestHead } from "../../domain/exchange.ts";
import type { Visit } from "../gate.ts";
import { valuesOf } from "../upstream/reply-reader.ts";
import { asksForWebSocket, checkOpening } from "../websocket/opening.ts";
import {
  checkExpectation,
  checkNames,
  type Framed,
  isOwnMethod,
  type Misframed,
  parseAuthority,
  parseTarget,
  refused,
  type Target,
  type Visited,
} from "./framing.ts";

/** A visit, as far as it matters here. */
export type Visiting = Visited & Pick<Visit, "tunnel">;

export function checkHttp1(head: RequestHead, version: string, visited: Visiting): Framed {
  if (version !== "1.1") return refused(505, "version", "only HTTP/1.1 is spoken");
  if (isOwnMethod(head.method)) return refused(400, "method", "a method that is never passed on");
  const framing = checkBody(head.headers) ?? checkConnection(head.headers);
  if (framing !== undefined) return framing;
  const target = parseTarget(head.target);
  if (target === undefined) return refused(400, "target", "the target could be read in two ways");
  const hosts = valuesOf(head.headers, "host");
  if (hosts.length !== 1) return refused(400, "host", "not exactly one Host header");
  const named = parseAuthority(hosts[0] ?? "", visited.scheme);
  if (named === undefined) return refused(400, "host", "the Host header is not a host");
  const meant = askedOfProxy(target, visited) ?? visited;
  const disagreement = checkNames(named, target, meant);
  if (disagreement !== undefined) return disagreement;
  const expectation = checkExpectation(head.headers);
  if ("kind" in expectation) return expectation;
  const changed = checkUpgrade(meant === visited ? head : asIfAskedDirectly(head, target));
  if ("kind" in changed) return changed;
  const { scheme, host, port } = meant;
  const chunked = valuesOf(head.headers, "transfer-encoding").length > 0;
  return {
    kind: "framed",
    head: changed.head,
    destination: { scheme, host, port },
    path: target.path,
    form: { kind: "http/1.1", chunked, webSocket: changed.webSocket },
    waits: expectation.waits,
  };
}

/** An absolute target of another host than was dialled: what is asked of a proxy (RFC 9112 §3.2.2). Who is meant is the target's. */
function askedOfProxy({ scheme, authority }: Target, visited: Visiting): Visited | undefined {
  if (authority === undefined || scheme !== "http" || visited.scheme !== "http" || visited.tunnel === undefined)
    return undefined;
  const same = authority.host === visited.host && authority.port === visited.port;
  return same ? undefined : { scheme, ...authority, serverName: undefined };
}

/** In origin form, and without what is said to the proxy alone, its password among it (RFC 9110 §11.7.2). */
function asIfAskedDirectly(head: RequestHead, { local }: Target): RequestHead {
  const own = ["proxy-authorization", "proxy-connection"];
  const headers = head.headers.filter((_, at) => !own.includes((head.headers[at - (at % 2)] ?? "").toLowerCase()));
  return { method: head.method, target: local, headers };
}

function checkUpgrade(head: RequestHead): { readonly head: RequestHead; readonly webSocket: boolean } | Misframed {
  if (valuesOf(head.headers, "upgrade").length === 0) return { head, webSocket: false };
  if (asksForWebSocket(head.headers)) {
    const fault = checkOpening(head);
    return fault === undefined ? { head, webSocket: true } : refused(426, "upgrade", fault);
  }
  const headers = withoutCleartextHttp2(head.headers);
  if (headers === undefined) return refused(426, "upgrade", "a change to a protocol that is not spoken");
  return { head: { ...head, headers }, webSocket: false };
}

/**
 * Some clients offer cleartext HTTP/2 with every first request. The offer is between them and us, and may be left unanswered
 * (RFC 9110 §7.8); upstream it would ask for what we could not follow. Undefined where something else is asked for.
 */
function withoutCleartextHttp2(headers: readonly string[]): readonly string[] | undefined {
  const [upgrade, ...others] = valuesOf(headers, "upgrade");
  const options = valuesOf(headers, "connection")
    .join()
    .toLowerCase()
    .split(/[\s,]+/);
  const offered = options.every((option) => ["upgrade", "http2-settings", ""].includes(option));
  if (upgrade?.toLowerCase() !== "h2c" || others.length > 0 || !offered) return undefined;
  const left = ["upgrade", "http2-settings", "connection"];
  return headers.filter((_, at) => !left.includes((headers[at - (at % 2)] ?? "").toLowerCase()));
}

/**
 * Whoever stands between takes out what Connection names (RFC 9110 §7.6.1): of what says where a request ends, whom it is for and
 * how its content is to be read, nothing may be. A list of names (§5.6.1), none of which holds what ends or keeps a connection: some
 * readers (nginx) look for that anywhere in it.
 */
function checkConnection(headers: readonly string[]): Misframed | undefined {
  const value = valuesOf(headers, "connection").join().toLowerCase();
  const names = value.split(",").map((name) => name.trim());
  if (names.some((name) => /^(?:host|transfer-encoding|content-.*)$/.test(name)))
    return refused(400, "framing", "Connection names what is meant for everybody");
  // first the letters: what else is trimmed off, only some would trim
  const isList = /^[!#$%&'*+.^_`|~0-9a-z, \t-]*$/.test(value) && !names.some((name) => /[ \t]/.test(name));
  return isList && !names.some((name) => /.close|close.|.keep-alive|keep-alive./.test(name))
    ? undefined
    : refused(400, "framing", "Connection is no list of names, or could be read in two ways");
}

/** Both framings, twice one, or a coding under which another reader would see another body. */
function checkBody(headers: readonly string[]): Misframed | undefined {
  const lengths = valuesOf(headers, "content-length");
  const codings = valuesOf(headers, "transfer-encoding");
  const ambiguous =
    lengths.length + codings.length > 1 ||
    lengths.some((value) => !/^[0-9]{1,15}$/.test(value)) ||
    codings.some((value) => value.toLowerCase() !== "chunked");
  return ambiguous ? refused(400, "framing", "the body's length could be read in two ways") : undefined;
}
