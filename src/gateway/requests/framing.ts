// A request's head, as the strict parser of the runtime (llhttp) let it through → what it asks, or why two readers could
// read it in two ways. Attacker-controlled. RFC 9112 §3, §6; RFC 9110 §7.2.

import { type Host, parseHost } from "../../domain/brand.ts";
import type { RequestHead } from "../../domain/exchange.ts";
import { valuesOf } from "../upstream/reply-reader.ts";

export interface Visited {
  readonly scheme: "https" | "http";
  /** The name or literal that was dialled. */
  readonly host: Host;
  readonly port: number;
  /** What the TLS client named, where it did. */
  readonly serverName: Host | undefined;
}

export type Framed =
  | { readonly kind: "framed"; readonly path: string; readonly chunked: boolean }
  | {
      readonly kind: "refused";
      readonly status: 400 | 417 | 421 | 426 | 505;
      /** `gateway:<what>` */
      readonly rule: string;
      readonly reason: string;
    };

const refused = (status: 400 | 417 | 421 | 426 | 505, rule: string, reason: string): Framed => ({
  kind: "refused",
  status,
  rule: `gateway:${rule}`,
  reason,
});

export function checkFraming(head: RequestHead, version: string, visited: Visited): Framed {
  if (version !== "1.1") return refused(505, "version", "only HTTP/1.1 is spoken");
  if (["CONNECT", "TRACE", "TRACK"].includes(head.method))
    return refused(400, "method", "a method that is never passed on");
  const framing = checkBody(head.headers);
  if (framing !== undefined) return framing;
  const target = parseTarget(head.target);
  if (target === undefined) return refused(400, "target", "the target could be read in two ways");
  const disagreement = checkNames(head.headers, target, visited);
  if (disagreement !== undefined) return disagreement;
  if (valuesOf(head.headers, "upgrade").length > 0)
    return refused(426, "upgrade", "a change of protocol is not spoken");
  const expects = valuesOf(head.headers, "expect");
  if (expects.length > 1 || expects.some((value) => value.toLowerCase() !== "100-continue")) {
    return refused(417, "expectation", "an expectation nobody here can meet");
  }
  return { kind: "framed", path: target.path, chunked: valuesOf(head.headers, "transfer-encoding").length > 0 };
}

/** Both framings, twice one, or a coding under which another reader would see another body. */
function checkBody(headers: readonly string[]): Framed | undefined {
  const lengths = valuesOf(headers, "content-length");
  const codings = valuesOf(headers, "transfer-encoding");
  const ambiguous =
    lengths.length + codings.length > 1 ||
    lengths.some((value) => !/^[0-9]{1,15}$/.test(value)) ||
    codings.some((value) => value.toLowerCase() !== "chunked");
  return ambiguous ? refused(400, "framing", "the body's length could be read in two ways") : undefined;
}

/** Host, the target where absolute, the TLS name and the name dialled must be one (RFC 9110 §7.4). */
function checkNames(headers: readonly string[], target: Target, visited: Visited): Framed | undefined {
  const hosts = valuesOf(headers, "host");
  if (hosts.length !== 1) return refused(400, "host", "not exactly one Host header");
  const named = parseAuthority(hosts[0] ?? "", visited.scheme);
  if (named === undefined) return refused(400, "host", "the Host header is not a host");
  const agrees = (other: Authority) => other.host === visited.host && other.port === visited.port;
  const agreed =
    agrees(named) &&
    (target.authority === undefined || (agrees(target.authority) && target.scheme === visited.scheme)) &&
    (visited.serverName === undefined || visited.serverName === visited.host);
  return agreed
    ? undefined
    : refused(421, "disagreement", "the names dialled, asked for in TLS and in the request differ");
}

interface Authority {
  readonly host: Host;
  readonly port: number;
}

/** `host`, `host:port`, `[v6]:port`; no user, nothing after. */
export function parseAuthority(text: string, scheme: "https" | "http"): Authority | undefined {
  const match = /^(?:\[([0-9a-fA-F:.]{2,45})\]|([^:[\]@]{1,254}))(?::([0-9]{1,5}))?$/.exec(text);
  const host = parseHost(match?.[1] ?? match?.[2] ?? "");
  const port = match?.[3] === undefined ? (scheme === "https" ? 443 : 80) : Number(match[3]);
  if (host === undefined || port < 1 || port > 65_535) return undefined;
  return { host, port };
}

interface Target {
  /** Without the query. */
  readonly path: string;
  readonly scheme: string | undefined;
  readonly authority: Authority | undefined;
}

/** Origin, absolute or asterisk form (RFC 9112 §3.2). */
export function parseTarget(target: string): Target | undefined {
  // printable ASCII, and neither a fragment nor the backslash that some readers take for a slash
  if (!/^[\x21-\x7e]+$/.test(target) || /[#\\]/.test(target)) return undefined;
  if (target === "*") return { path: "*", scheme: undefined, authority: undefined };
  const absolute = /^(https?):\/\/([^/?]+)(.*)$/i.exec(target);
  const scheme = absolute?.[1]?.toLowerCase();
  const authority =
    absolute === null ? undefined : parseAuthority(absolute[2] ?? "", scheme === "https" ? "https" : "http");
  if (absolute !== null && authority === undefined) return undefined;
  const local = absolute === null ? target : (absolute[3] ?? "");
  const path = local.split("?", 1)[0] ?? "";
  if (!path.startsWith("/") && !(absolute !== null && path === "")) return undefined;
  return hasDotSegment(path) ? undefined : { path: path === "" ? "/" : path, scheme, authority };
}

/** A segment `.` or `..`, however written: one reader walks up, another does not. */
function hasDotSegment(path: string): boolean {
  const plain = path.replace(/%2e/gi, ".").replace(/%2f|%5c/gi, "/");
  return plain.split("/").some((segment) => /^\.{1,2}(?:;.*)?$/.test(segment)) || /%00/.test(path);
}
