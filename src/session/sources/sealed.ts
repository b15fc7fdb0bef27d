// Octets closed with AES-256-GCM, and opened again: what was changed, cut off, or belongs somewhere else does not open.

import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";

const version = 1;
const nonceOctets = 12;
const tagOctets = 16;
const algorithm = "aes-256-gcm";

/** `context`: what it is and where it belongs; it opens there alone. */
export function sealOctets(key: Uint8Array, context: string, parts: readonly Uint8Array[]): Uint8Array {
  const nonce = randomBytes(nonceOctets);
  const cipher = createCipheriv(algorithm, key, nonce).setAAD(Buffer.from(context));
  const closed = parts.map((part) => cipher.update(part));
  return Buffer.concat([Buffer.of(version), nonce, ...closed, cipher.final(), cipher.getAuthTag()]);
}

/** In memory of its own. */
export function openSealed(key: Uint8Array, context: string, sealed: Uint8Array): Uint8Array<ArrayBuffer> | undefined {
  const head = 1 + nonceOctets;
  if (sealed.length < head + tagOctets || sealed[0] !== version) return undefined;
  try {
    const nonce = sealed.subarray(1, head);
    const decipher = createDecipheriv(algorithm, key, nonce, { authTagLength: tagOctets });
    decipher.setAAD(Buffer.from(context)).setAuthTag(sealed.subarray(-tagOctets));
    const plain = decipher.update(sealed.subarray(head, -tagOctets));
    decipher.final();
    const octets = new Uint8Array(plain.length);
    octets.set(plain);
    return octets;
  } catch {
    return undefined;
  }
}
