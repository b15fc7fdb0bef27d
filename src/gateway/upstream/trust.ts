// Which authorities are believed for an upstream: the system's and the runtime's, with the user's own added, or exactly
// those a grant names. Contexts are costly, so they are kept; sessions are kept for resumption.

import { createSecureContext, getCACertificates, type SecureContext } from "node:tls";
import { limits } from "../limits.ts";

export interface Trust {
  /** `ca`: PEM of the authorities for one grant, instead of all others. */
  readonly contextFor: (ca: string | undefined) => SecureContext;
  readonly session: (key: string) => Buffer | undefined;
  readonly remember: (key: string, session: Buffer) => void;
}

/** `authorities`: PEM, the user's own beside the system's. Throws where a PEM cannot be read. */
export function openTrust(authorities: readonly string[]): Trust {
  const contexts = new Map<string, SecureContext>();
  const sessions = new Map<string, Buffer>();
  return {
    contextFor: (ca) => {
      const known = contexts.get(ca ?? "");
      if (known !== undefined) return known;
      const trusted = ca === undefined ? everyday(authorities) : [ca];
      const context = createSecureContext({ ca: trusted, minVersion: "TLSv1.2" });
      contexts.set(ca ?? "", context);
      return context;
    },
    session: (key) => sessions.get(key),
    remember: (key, session) => {
      sessions.delete(key);
      sessions.set(key, session);
      if (sessions.size <= limits.sessions) return;
      for (const oldest of sessions.keys()) {
        sessions.delete(oldest);
        return;
      }
    },
  };
}

function everyday(authorities: readonly string[]): string[] {
  return [...new Set([...getCACertificates("bundled"), ...getCACertificates("system"), ...authorities])];
}
