// A session's own certificate authority: minted in memory, trusted inside its sandbox alone, gone with the process. The
// keys leave this file only as a TLS context.

import { randomBytes } from "node:crypto";
import { createSecureContext, type SecureContext } from "node:tls";
import type { Host } from "../../domain/brand.ts";
import { limits } from "../limits.ts";
import { mintKeys, mintRoot, type Root } from "./root.ts";

export interface Authority {
  /** The authority's certificate, public. */
  readonly pem: string;
  /** What a TLS server shows for this name or address; kept ready, bounded, renewed before it expires. */
  readonly issue: (host: Host) => SecureContext;
}

const hour = 3_600_000;
/** Back-dated, for a clock inside that is a little behind. */
const backDated = hour;
const leafLife = 72 * hour;
const authorityLife = 90 * 24 * hour;

interface Kept {
  readonly context: SecureContext;
  readonly renew: number;
}

/** `clock`: milliseconds since 1970. */
export function createAuthority(clock: () => number = Date.now): Authority {
  const from = clock() - backDated;
  const root = mintRoot(`postern session ${randomBytes(4).toString("hex")}`, { from, until: from + authorityLife });
  return { pem: root.pem, issue: kept(minter(root, clock), clock) };
}

function minter(root: Root, clock: () => number): (host: Host) => SecureContext {
  const { publicKey, privateKey } = mintKeys();
  const key = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  return (host) => {
    const from = clock() - backDated;
    const cert = root.sign({
      // a common name holds 64 characters at most (RFC 5280, upper bounds); the alternative name is what counts
      commonName: host.length <= 64 ? host : "postern",
      hosts: [host],
      from,
      until: from + leafLife,
      key: publicKey,
    });
    return createSecureContext({ key, cert, minVersion: "TLSv1.2", sessionIdContext: "postern" });
  };
}

function kept(mint: (host: Host) => SecureContext, clock: () => number): (host: Host) => SecureContext {
  const ready = new Map<Host, Kept>();
  return (host) => {
    const known = ready.get(host);
    if (known !== undefined && clock() < known.renew) return known.context;
    ready.delete(host);
    const context = mint(host);
    if (ready.size >= limits.leaves) {
      for (const oldest of ready.keys()) {
        ready.delete(oldest);
        break;
      }
    }
    ready.set(host, { context, renew: clock() + leafLife / 2 });
    return context;
  };
}
