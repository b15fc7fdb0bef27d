// A session's own certificate authority: minted in memory, trusted inside its sandbox alone, gone with the process. The
// keys leave this file only as a TLS context.

import { generateKeyPairSync, type KeyObject, randomBytes } from "node:crypto";
import { createSecureContext, type SecureContext } from "node:tls";
import type { Host } from "../../domain/brand.ts";
import { limits } from "../limits.ts";
import {
  authorityExtensions,
  keyIdentifier,
  leafExtensions,
  toPem,
  writeCertificate,
  writeName,
} from "./certificate.ts";

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
  const authority = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const leaf = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const name = writeName(`postern session ${randomBytes(4).toString("hex")}`);
  const identifier = keyIdentifier(authority.publicKey);
  const from = clock() - backDated;
  const pem = toPem(
    writeCertificate(
      {
        serial: serial(),
        issuer: name,
        subject: name,
        from,
        until: from + authorityLife,
        key: authority.publicKey,
        extensions: authorityExtensions(identifier),
      },
      authority.privateKey,
    ),
  );
  const mint = minter({ name, identifier, signer: authority.privateKey, leaf, clock });
  return { pem, issue: kept(mint, clock) };
}

interface Mint {
  readonly name: Buffer;
  readonly identifier: Buffer;
  readonly signer: KeyObject;
  readonly leaf: { readonly publicKey: KeyObject; readonly privateKey: KeyObject };
  readonly clock: () => number;
}

function minter(mint: Mint): (host: Host) => SecureContext {
  const key = mint.leaf.privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  const identifier = keyIdentifier(mint.leaf.publicKey);
  return (host) => {
    const from = mint.clock() - backDated;
    const certificate = writeCertificate(
      {
        serial: serial(),
        issuer: mint.name,
        // a common name holds 64 characters at most (RFC 5280, upper bounds); the alternative name is what counts
        subject: writeName(host.length <= 64 ? host : "postern"),
        from,
        until: from + leafLife,
        key: mint.leaf.publicKey,
        extensions: leafExtensions(host, identifier, mint.identifier),
      },
      mint.signer,
    );
    return createSecureContext({
      key,
      cert: toPem(certificate),
      minVersion: "TLSv1.2",
      sessionIdContext: "postern",
    });
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

/** 127 random bits: positive, and unique without a memory (RFC 5280 §4.1.2.2). */
function serial(): Buffer {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return bytes;
}
