// What every request must be clear about, whatever version of HTTP it came in: where it is for, under one name alone, and what
// it expects. Attacker-controlled. RFC 9110 §7.1, §7.2, §7.4.

import { type Host, parseHost } from "../../domain/brand.ts";
import type { Destination, RequestHead } from "../../domain/exchange.ts";
import { valuesOf } from "../upstream/reply-reader.ts";

export interface Visited {
  readonly scheme: "https" | "http";
  /** The name or literal that was dialled. */
  readonly host: Host;
  readonly port: number;
  /** What the TLS client named, where it did. */
  readonly serverName: Host | undefined;
}

/** How a request is written on the wire: as it came, so it leaves. */
export type Form =
  | {
      readonly kind: "http/1.1";
      /** Its body comes in chunks. */
      readonly chunked: boolean;
      /** It asks for a WebSocket on the same connection. */
      readonly webSocket: boolean;
    }
  | {
      readonly kind: "h2";
      /** Pseudo-fields, name and value alternating, in their order. */
      readonly pseudo: readonly string[];
      /** Names whose value no table of fields may hold. */
      readonly never: ReadonlySet<string>;
    };

export type Framed =
  | {
      readonly kind: "framed";
      /** As it is judged, and as it leaves: without what is only between the tool and us. */
      readonly head: RequestHead;
      readonly destination: Destination;
      /** Without the query. */
      readonly path: string;
      readonly form: Form;
      /** It waits for a 100 before it sends its body. */
      readonly waits: boolean;
    }
  | Misframed;

export interface Misframed {
  readonly kind: "refused";
  readonly status: 400 | 417 | 421 | 426 | 431 | 505;
  /** `gateway:<what>` */
  readonly rule: string;
  readonly reason: string;
}

export const refused = (status: Misframed["status"], rule: string, reason: string): Misframed => ({
  kind: "refused",
  status,
  rule: `gateway:${rule}`,
  reason,
});

/** Methods that mean something to whoever stands between, so are never passed on (RFC 9110 §9.3.6, §9.3.8). */
export function isOwnMethod(method: string): boolean {
  return ["CONNECT", "TRACE", "TRACK"].includes(method);
}

export function checkExpectation(headers: readonly string[]): { readonly waits: boolean } | Misframed {
  const expects = valuesOf(headers, "expect");
  if (expects.length > 1 || expects.some((value) => value.toLowerCase() !== "100-continue")) {
    return refused(417, "expectation", "an expectation nobody here can meet");
  }
  return { waits: expects.length > 0 };
}

/** The name in the request, the target where absolute, the TLS name and the name dialled must be one (RFC 9110 §7.4). */
export function checkNames(named: Authority, target: Target, visited: Visited): Misframed | undefined {
  const agrees = (other: Authority) => other.host === visited.host && other.port === visited.port;
  const agreed =
    agrees(named) &&
    (target.authority === undefined || (agrees(target.authority) && target.scheme === visited.scheme)) &&
    (visited.serverName === undefined || visited.serverName === visited.host);
  return agreed
    ? undefined
    : refused(421, "disagreement", "the names dialled, asked for in TLS and in the request differ");
}

export interface Authority {
  readonly host: Host;
  readonly port: number;
}

/** `host`, `host:port`, `[v6]:port`; no user, nothing after. */
export function parseAuthority(text: string, scheme: "https" | "http"): Authority | undefined {
  const match = /^(?:\[([0-9a-fA-F:.]{2,45})\]|([^:[\]@]{1,254}))(?::([0-9]{1,5}))?$/.exec(text);
  const [, six, plain = ""] = match ?? [];
  // a name of hexadecimal letters fits into brackets too, and is no address
  if (six !== undefined && !six.includes(":")) return undefined;
  const host = parseHost(six ?? plain);
  const port = match?.[3] === undefined ? (scheme === "https" ? 443 : 80) : Number(match[3]);
  if (host === undefined || port < 1 || port > 65_535) return undefined;
  return { host, port };
}

export interface Target {
  /** Without the query. */
  readonly path: string;
  /** Path and query, as in origin form. */
  readonly local: string;
  readonly scheme: string | undefined;
  readonly authority: Authority | undefined;
}

/** Origin, absolute or asterisk form (RFC 9112 §3.2). */
export function parseTarget(target: string): Target | undefined {
  // printable ASCII, and neither a fragment nor the backslash that some readers take for a slash
  if (!/^[\x21-\x7e]+$/.test(target) || /[#\\]/.test(target)) return undefined;
  if (target === "*") return { path: "*", local: "*", scheme: undefined, authority: undefined };
  const absolute = /^(https?):\/\/([^/?]+)(.*)$/i.exec(target);
  const scheme = absolute?.[1]?.toLowerCase();
  const authority =
    absolute === null ? undefined : parseAuthority(absolute[2] ?? "", scheme === "https" ? "https" : "http");
  if (absolute !== null && authority === undefined) return undefined;
  const local = absolute === null ? target : (absolute[3] ?? "");
  const path = local.split("?", 1)[0] ?? "";
  if (!path.startsWith("/") && !(absolute !== null && path === "")) return undefined;
  if (hasDotSegment(path)) return undefined;
  return path === "" ? { path: "/", local: `/${local}`, scheme, authority } : { path, local, scheme, authority };
}

/** A segment `.` or `..`, however written: one reader walks up, another does not. */
function hasDotSegment(path: string): boolean {
  const plain = path.replace(/%2e/gi, ".").replace(/%2f|%5c/gi, "/");
  return plain.split("/").some((segment) => /^\.{1,2}(?:;.*)?$/.test(segment)) || /%00/.test(path);
}
