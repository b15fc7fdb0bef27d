// What a certificate shall say → its DER, signed with ECDSA and SHA-256: X.509 v3, RFC 5280 §4.1 and §4.2, RFC 5758 §3.2.

import { createHash, type KeyObject, sign } from "node:crypto";
import { isIP } from "node:net";
import { bits, explicit, implicit, integer, octets, oid, sequence, set, text, time, truth } from "./der.ts";

export interface Particulars {
  readonly serial: Buffer;
  readonly issuer: Buffer;
  readonly subject: Buffer;
  /** Milliseconds since 1970. */
  readonly from: number;
  readonly until: number;
  readonly key: KeyObject;
  readonly extensions: readonly Buffer[];
}

const ecdsaWithSha256 = sequence(oid("1.2.840.10045.4.3.2"));

export function writeCertificate(particulars: Particulars, signer: KeyObject): Buffer {
  const body = sequence(
    explicit(0, integer(Buffer.from([2]))),
    integer(particulars.serial),
    ecdsaWithSha256,
    particulars.issuer,
    sequence(time(particulars.from), time(particulars.until)),
    particulars.subject,
    publicInfo(particulars.key),
    explicit(3, sequence(...particulars.extensions)),
  );
  return sequence(body, ecdsaWithSha256, bits(sign("sha256", body, { key: signer, dsaEncoding: "der" })));
}

export function writeName(commonName: string): Buffer {
  return sequence(set(sequence(oid("2.5.4.3"), text(commonName))));
}

/** RFC 5280 §4.2.1.2 (1): SHA-1 of the public key's bits. */
export function keyIdentifier(key: KeyObject): Buffer {
  // an uncompressed P-256 point is the last 65 octets of its SubjectPublicKeyInfo (RFC 5480 §2.2)
  return createHash("sha1").update(publicInfo(key).subarray(-65)).digest();
}

export function authorityExtensions(identifier: Buffer): readonly Buffer[] {
  return [
    extension("2.5.29.19", true, sequence(truth(), integer(Buffer.from([0])))),
    // keyCertSign and cRLSign
    extension("2.5.29.15", true, bits(Buffer.from([0b0000_0110]), 1)),
    extension("2.5.29.14", false, octets(identifier)),
  ];
}

/** For TLS servers alone; `hosts`: names and addresses. */
export function leafExtensions(
  hosts: readonly string[],
  identifier: Buffer,
  issuerIdentifier: Buffer,
): readonly Buffer[] {
  return [
    extension("2.5.29.19", true, sequence()),
    // digitalSignature
    extension("2.5.29.15", true, bits(Buffer.from([0b1000_0000]), 7)),
    extension("2.5.29.37", false, sequence(oid("1.3.6.1.5.5.7.3.1"))),
    extension("2.5.29.17", false, sequence(...hosts.map(alternativeName))),
    extension("2.5.29.14", false, octets(identifier)),
    extension("2.5.29.35", false, sequence(implicit(0, issuerIdentifier))),
  ];
}

function extension(id: string, critical: boolean, value: Buffer): Buffer {
  return sequence(oid(id), ...(critical ? [truth()] : []), octets(value));
}

function alternativeName(host: string): Buffer {
  const family = isIP(host);
  if (family === 0) return implicit(2, Buffer.from(host, "ascii"));
  return implicit(7, family === 4 ? Buffer.from(host.split(".").map(Number)) : v6Octets(host));
}

/** An IPv6 literal that `isIP` has accepted, without zone → sixteen octets. */
function v6Octets(literal: string): Buffer {
  const quad = /^(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(literal);
  const plain = quad === null ? literal : `${quad[1]}${pair(quad[2], quad[3])}:${pair(quad[4], quad[5])}`;
  const [head = "", tail] = plain.split("::");
  const left = groups(head);
  const right = groups(tail ?? "");
  const out = Buffer.alloc(16);
  left.forEach((group, index) => {
    out.writeUInt16BE(group, index * 2);
  });
  right.forEach((group, index) => {
    out.writeUInt16BE(group, 16 - (right.length - index) * 2);
  });
  return out;
}

const groups = (part: string): number[] =>
  part === "" ? [] : part.split(":").map((group) => Number.parseInt(group, 16));

function pair(high: string | undefined, low: string | undefined): string {
  return (Number(high) * 256 + Number(low)).toString(16);
}

function publicInfo(key: KeyObject): Buffer {
  return key.export({ type: "spki", format: "der" });
}

export function toPem(certificate: Buffer): string {
  const lines = certificate.toString("base64").match(/.{1,64}/g) ?? [];
  return ["-----BEGIN CERTIFICATE-----", ...lines, "-----END CERTIFICATE-----", ""].join("\n");
}
