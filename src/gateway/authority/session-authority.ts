// What a session's authority shows: a TLS context for each name, kept ready, bounded, renewed before it expires.

import { createSecureContext, type SecureContext } from "node:tls";
import type { Host } from "../../domain/brand.ts";
import { limits } from "../limits.ts";
import { leafLife, type Mint, openMint } from "./mint.ts";

export interface Authority {
  /** The authority's certificate, public. */
  readonly pem: string;
  /** What a TLS server shows for this name or address; kept ready, bounded, renewed before it expires. */
  readonly issue: (host: Host) => SecureContext;
}

interface Kept {
  readonly context: SecureContext;
  readonly renew: number;
}

/** With a mint of its own. `clock`: milliseconds since 1970. */
export function createAuthority(clock: () => number = Date.now): Authority {
  return openAuthority(openMint(clock));
}

export function openAuthority({ pem, leafFor, clock }: Mint): Authority {
  const ready = new Map<Host, Kept>();
  const issue = (host: Host): SecureContext => {
    const known = ready.get(host);
    if (known !== undefined && clock() < known.renew) return known.context;
    ready.delete(host);
    const context = createSecureContext({ ...leafFor(host), minVersion: "TLSv1.2", sessionIdContext: "postern" });
    if (ready.size >= limits.leaves) {
      for (const oldest of ready.keys()) {
        ready.delete(oldest);
        break;
      }
    }
    ready.set(host, { context, renew: clock() + leafLife / 2 });
    return context;
  };
  return { pem, issue };
}
