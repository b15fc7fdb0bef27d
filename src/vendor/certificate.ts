// Names → an authority of our own (P-256) and one certificate by it for all of them, in memory, for thirty days. The DER
// is written by hand: X.509 v3, RFC 5280 §4.1; ECDSA with SHA-256, RFC 5758 §3.2.

import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";

export interface Issued {
  /** PEM of the authority: what a client must trust. */
  readonly ca: string;
  /** PEM of the server's certificate. */
  readonly cert: string;
  /** PEM (PKCS #8) of its key. */
  readonly key: string;
}

/** Host names and IPv4 addresses → authority, certificate and key. */
export function issue(names: readonly string[]): Issued {
  const authority = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const server = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const name = commonName("scripted vendor authority");
  const issuer = { name, key: authority.privateKey, id: keyId(authority.publicKey) };
  const ca = certificate(
    { subject: name, key: authority.publicKey, extensions: authorityExtensions(issuer.id) },
    issuer,
  );
  const leaf = {
    subject: commonName("scripted vendor"),
    key: server.publicKey,
    extensions: serverExtensions(names, server.publicKey, issuer.id),
  };
  return {
    ca: pem(ca),
    cert: pem(certificate(leaf, issuer)),
    key: server.privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
  };
}

interface Issuer {
  readonly name: Buffer;
  readonly key: KeyObject;
  /** The subject key identifier, RFC 5280 §4.2.1.2 (1). */
  readonly id: Buffer;
}

interface Subject {
  readonly subject: Buffer;
  readonly key: KeyObject;
  readonly extensions: readonly Buffer[];
}

function certificate(subject: Subject, issuer: Issuer): Buffer {
  const algorithm = sequence(oid(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02));
  const day = 86_400_000;
  const body = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, serial()),
    algorithm,
    issuer.name,
    sequence(time(Date.now() - day), time(Date.now() + 30 * day)),
    subject.subject,
    publicInfo(subject.key),
    der(0xa3, sequence(...subject.extensions)),
  );
  return sequence(body, algorithm, bits(sign("sha256", body, issuer.key)));
}

function authorityExtensions(id: Buffer): readonly Buffer[] {
  return [
    extension([0x55, 0x1d, 0x13], true, sequence(der(0x01, Buffer.from([0xff])))),
    // keyCertSign and cRLSign
    extension([0x55, 0x1d, 0x0f], true, der(0x03, Buffer.from([1, 0x06]))),
    extension([0x55, 0x1d, 0x0e], false, octets(id)),
  ];
}

function serverExtensions(names: readonly string[], key: KeyObject, authority: Buffer): readonly Buffer[] {
  return [
    extension([0x55, 0x1d, 0x13], true, sequence()),
    // digitalSignature
    extension([0x55, 0x1d, 0x0f], true, der(0x03, Buffer.from([7, 0x80]))),
    // serverAuth
    extension([0x55, 0x1d, 0x25], false, sequence(oid(0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x01))),
    extension([0x55, 0x1d, 0x0e], false, octets(keyId(key))),
    extension([0x55, 0x1d, 0x23], false, sequence(der(0x80, authority))),
    extension([0x55, 0x1d, 0x11], false, sequence(...names.map(alternative))),
  ];
}

function alternative(name: string): Buffer {
  const quad = /^[0-9]+(?:\.[0-9]+){3}$/.test(name);
  return quad ? der(0x87, Buffer.from(name.split(".").map(Number))) : der(0x82, Buffer.from(name, "latin1"));
}

function keyId(key: KeyObject): Buffer {
  // an uncompressed P-256 point is the last 65 bytes of its SubjectPublicKeyInfo (RFC 5480 §2.2)
  return createHash("sha1").update(publicInfo(key).subarray(-65)).digest();
}

function publicInfo(key: KeyObject): Buffer {
  return key.export({ type: "spki", format: "der" });
}

function commonName(text: string): Buffer {
  return sequence(der(0x31, sequence(oid(0x55, 0x04, 0x03), der(0x0c, Buffer.from(text)))));
}

function extension(id: readonly number[], critical: boolean, value: Buffer): Buffer {
  const flag = critical ? [der(0x01, Buffer.from([0xff]))] : [];
  return sequence(oid(...id), ...flag, octets(value));
}

/** UTCTime, RFC 5280 §4.1.2.5.1: good until 2049. */
function time(milliseconds: number): Buffer {
  const digits = new Date(milliseconds).toISOString().replaceAll(/[^0-9]/g, "");
  return der(0x17, Buffer.from(`${digits.slice(2, 14)}Z`));
}

/** 17 bytes, positive and not zero: the first is 1. */
function serial(): Buffer {
  return Buffer.concat([Buffer.from([1]), randomBytes(16)]);
}

function oid(...bytes: readonly number[]): Buffer {
  return der(0x06, Buffer.from(bytes));
}

function octets(value: Buffer): Buffer {
  return der(0x04, value);
}

function bits(value: Buffer): Buffer {
  return der(0x03, Buffer.concat([Buffer.from([0]), value]));
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return der(0x30, Buffer.concat(parts));
}

/** Tag, length (X.690 §8.1.3, definite, up to 65,535) and contents. */
function der(tag: number, contents: Buffer): Buffer {
  const size = contents.length;
  const length = size < 128 ? [size] : size < 256 ? [0x81, size] : [0x82, size >> 8, size & 0xff];
  return Buffer.concat([Buffer.from([tag, ...length]), contents]);
}

function pem(bytes: Buffer): string {
  const lines = bytes.toString("base64").match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join("\n")}\n-----END CERTIFICATE-----\n`;
}
