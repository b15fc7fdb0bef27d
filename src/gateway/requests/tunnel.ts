// CONNECT, attacker-controlled → where the tunnel is to lead, or why there is none: RFC 9110 §9.3.6. A tool that insists on a proxy
// gets what it would get without one; nothing is ever dialled to the proxy it named.

import { holdsCredential } from "../conceal.ts";
import type { Asked, Gate, Visit } from "../gate.ts";
import { valuesOf } from "../upstream/reply-reader.ts";
import { type Misframed, parseAuthority, refused } from "./framing.ts";

export interface Connect {
  /** Authority form: `host:port`. */
  readonly target: string;
  /** Name and value alternating. */
  readonly headers: readonly string[];
}

export function readConnect({ target, headers }: Connect, visit: Visit, gate: Gate): Asked | Misframed {
  // one inside another, or inside TLS, would hide from the outer what the inner asks
  if (visit.tunnel === undefined) return refused(400, "method", "a tunnel where none can be asked for");
  if (
    valuesOf(headers, "transfer-encoding").length > 0 ||
    valuesOf(headers, "content-length").some((size) => size !== "0")
  )
    return refused(400, "framing", "a tunnel is not asked for with a body");
  const asked = /:[0-9]{1,5}$/.test(target) ? parseAuthority(target, "https") : undefined;
  if (asked === undefined) return refused(400, "target", "a tunnel to no host and port");
  const hosts = valuesOf(headers, "host");
  const agrees = hosts.every((host) => parseAuthority(host, "https")?.host === asked.host);
  if (hosts.length > 1 || !agrees) return refused(400, "host", "Host is not the host the tunnel is asked for");
  if (holdsCredential(gate.seek, asked.host))
    return refused(400, "credential-in-name", "a name with a credential in it");
  // names are answered at the door; a resolver behind a tunnel would be asked unseen
  if (asked.port === 53) return refused(400, "tunnel-port", "a tunnel to a resolver");
  return asked;
}
