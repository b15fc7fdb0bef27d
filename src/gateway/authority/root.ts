// A name and a span of life → a certificate authority minted in memory (P-256), and the certificates it signs. Its key
// never leaves this file.

import { generateKeyPairSync, type KeyObject, randomBytes } from "node:crypto";
import {
  authorityExtensions,
  keyIdentifier,
  leafExtensions,
  toPem,
  writeCertificate,
  writeName,
} from "./certificate.ts";

export interface Life {
  /** Milliseconds since 1970. */
  readonly from: number;
  readonly until: number;
}

export interface Leaf extends Life {
  readonly commonName: string;
  /** Names and addresses it is good for. */
  readonly hosts: readonly string[];
  readonly key: KeyObject;
}

export interface Root {
  /** Its own certificate, public. */
  readonly pem: string;
  /** PEM. */
  readonly sign: (leaf: Leaf) => string;
}

export interface KeyPair {
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

export function mintKeys(): KeyPair {
  return generateKeyPairSync("ec", { namedCurve: "P-256" });
}

export function mintRoot(commonName: string, { from, until }: Life): Root {
  const { publicKey, privateKey } = mintKeys();
  const name = writeName(commonName);
  const identifier = keyIdentifier(publicKey);
  const own = { issuer: name, subject: name, from, until, key: publicKey };
  return {
    pem: toPem(writeCertificate({ ...own, serial: serial(), extensions: authorityExtensions(identifier) }, privateKey)),
    sign: (leaf) =>
      toPem(
        writeCertificate(
          {
            serial: serial(),
            issuer: name,
            subject: writeName(leaf.commonName),
            from: leaf.from,
            until: leaf.until,
            key: leaf.key,
            extensions: leafExtensions(leaf.hosts, keyIdentifier(leaf.key), identifier),
          },
          privateKey,
        ),
      ),
  };
}

/** 127 random bits: positive, and unique without a memory (RFC 5280 §4.1.2.2). */
function serial(): Buffer {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return bytes;
}
