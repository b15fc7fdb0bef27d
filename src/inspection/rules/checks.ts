// Which secrets prove themselves: one function a kind of proof, the secret in, whether it holds out. What is decoded here is
// attacker-controlled and of bounded length: patterns bound it.

import { base36, base62, crc32, digitsOf, hashLetters, littleEndian } from "./checksum.ts";

/** GitHub's, npm's and Vercel's: six digits of base 62 behind the prefix and the random part, whose CRC-32 they are. */
export function crcTail(secret: string): boolean {
  const random = secret.slice(secret.indexOf("_") + 1, -6);
  return digitsOf(crc32(random), base62, 6) === secret.slice(-6);
}

/** GitHub's fine-grained tokens: behind 43 characters eight that are letters of the hash of all before them, then eight more. */
export function githubHash(secret: string): boolean {
  return hashLetters(secret.slice(0, -16)) === secret.slice(-16, -8);
}

/** GitHub's stateless tokens: the installation's number and a JWT. */
export function githubJwt(secret: string): boolean {
  return jwt(secret.slice(secret.indexOf("_eyJ") + 1));
}

/** GitLab's routable tokens: seven digits of base 36, the CRC-32 of all before them. */
export function gitlabTail(secret: string): boolean {
  return digitsOf(crc32(secret.slice(0, -7)), base36, 7) === secret.slice(-7);
}

/** Grafana's: eight hexadecimal digits, the CRC-32 of all before the last underscore, least octet first. */
export function grafanaTail(secret: string): boolean {
  const split = secret.lastIndexOf("_");
  return littleEndian(crc32(secret.slice(0, split))).toString("hex") === secret.slice(split + 1);
}

/** Zuplo's: the CRC-32 of the middle, in hexadecimal. */
export function zuploTail(secret: string): boolean {
  const [, middle = "", tail = ""] = secret.split("_");
  return crc32(middle).toString(16).padStart(8, "0") === tail;
}

/** Confluent's: the CRC-32 of what stands between the mark and it, least octet first, in base64 without its padding. */
export function confluentTail(secret: string): boolean {
  return (
    littleEndian(crc32(secret.slice(4, -6)))
      .toString("base64")
      .slice(0, 6) === secret.slice(-6)
  );
}

/** A macaroon of version 2 for PyPI (libmacaroons' format): location, identifier, and a signature of 32 octets at its end. */
export function pypiMacaroon(secret: string): boolean {
  const octets = Buffer.from(secret.slice("pypi-".length), "base64url");
  const location = "pypi.org";
  if (octets[0] !== 2 || octets[1] !== 1 || octets[2] !== location.length) return false;
  if (octets.toString("latin1", 3, 11) !== location || octets[11] !== 2) return false;
  return octets.at(-34) === 6 && octets.at(-33) === 32 && octets.at(-35) === 0;
}

/** RFC 7515: the header is a JSON object that names its algorithm; the payload is one, too. */
export function jwt(secret: string): boolean {
  const [header = "", payload = ""] = secret.split(".");
  const [head, body] = [objectOf(header), objectOf(payload)];
  // jwt.io's own example, which stands in a thousand documents
  return typeof head?.["alg"] === "string" && body !== undefined && body["sub"] !== "1234567890";
}

/** Sentry's organisation tokens: base64 of an object that says when and where, behind a mark. */
export function sentryToken(secret: string): boolean {
  const body = objectOf(secret.slice("sntrys_".length, secret.lastIndexOf("_")));
  return body !== undefined && "iat" in body && "url" in body && "org" in body;
}

/** 1Password's service accounts: base64 of an object with the account's address and its key. */
export function servicePassword(secret: string): boolean {
  const body = objectOf(secret.slice("ops_".length));
  return body !== undefined && "signInAddress" in body && "secretKey" in body;
}

/** Discord's: the first part is the bot's number in base64. */
export function discordToken(secret: string): boolean {
  return /^\d{17,20}$/.test(Buffer.from(secret.slice(0, secret.indexOf(".")), "base64url").toString("latin1"));
}

/** Base64 of exactly so many octets, padding and unused bits included. */
export function octets(count: number): (secret: string) => boolean {
  return (secret) => {
    const decoded = Buffer.from(secret, "base64");
    return decoded.length === count && decoded.toString("base64") === secret;
  };
}

/** Base64 of a name and a password, as HTTP's Basic scheme and Docker's configuration have them (RFC 7617). */
export function basicPair(secret: string): boolean {
  const text = Buffer.from(secret, "base64").toString("utf8");
  return /^[\x20-\x39\x3b-\x7e]{1,256}:[\x20-\x7e]{4,1024}$/.test(text);
}

/** RFC 7468 and its elders: base64 that begins as a private key does, or headers saying that it is encrypted. */
export function pemKey(secret: string): boolean {
  const body = secret.replace(/^-----BEGIN[^-]{0,40}-----/, "").replace(/-----END[^-]{0,40}-----$/, "");
  const text = body.replace(/\\[nrt]/g, "\n").replace(/["'`,+\\]/g, "");
  if (/Proc-Type: ?4,ENCRYPTED/.test(text)) return true;
  const start = Buffer.from(text.replace(/\s/g, "").slice(0, 64), "base64");
  // a DER sequence, OpenSSH's own beginning, or a packet of OpenPGP (a version header may stand before that)
  const der = start[0] === 0x30 && start.length >= 40;
  return der || start.toString("latin1", 0, 14) === "openssh-key-v1" || /PGP/.test(secret.slice(0, 40));
}

/** PuTTY's key files say how many lines of the private part follow. */
export function putty(secret: string): boolean {
  return /Encryption: (?:none|aes256-cbc)/.test(secret);
}

function objectOf(base64: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(base64, "base64url").toString("utf8"));
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}
