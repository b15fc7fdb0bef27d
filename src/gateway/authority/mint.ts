// A session's own certificate authority: minted in memory, trusted inside its sandbox alone, gone with the process. What
// leaves: its certificate, and a leaf with its key for each name. Knows nothing of TLS, which takes long to load.

import { randomBytes } from "node:crypto";
import type { Host } from "../../domain/brand.ts";
import { mintKeys, mintRoot, type Root } from "./root.ts";

export interface Mint {
  /** The authority's certificate, public. */
  readonly pem: string;
  /** PEM. */
  readonly leafFor: (host: Host) => { readonly key: string; readonly cert: string };
  /** Milliseconds since 1970. */
  readonly clock: () => number;
}

const hour = 3_600_000;
/** Back-dated, for a clock inside that is a little behind. */
const backDated = hour;
export const leafLife = 72 * hour;
const authorityLife = 90 * 24 * hour;

/** `clock`: milliseconds since 1970. */
export function openMint(clock: () => number = Date.now): Mint {
  const from = clock() - backDated;
  const root = mintRoot(`postern session ${randomBytes(4).toString("hex")}`, { from, until: from + authorityLife });
  return { pem: root.pem, leafFor: minter(root, clock), clock };
}

/** One key for all leaves of a session, made with the first. */
function minter(root: Root, clock: () => number): Mint["leafFor"] {
  let keys: ReturnType<typeof mintKeys> | undefined;
  return (host) => {
    keys ??= mintKeys();
    const from = clock() - backDated;
    const cert = root.sign({
      // a common name holds 64 characters at most (RFC 5280, upper bounds); the alternative name is what counts
      commonName: host.length <= 64 ? host : "postern",
      hosts: [host],
      from,
      until: from + leafLife,
      key: keys.publicKey,
    });
    return { key: keys.privateKey.export({ type: "pkcs8", format: "pem" }).toString(), cert };
  };
}
