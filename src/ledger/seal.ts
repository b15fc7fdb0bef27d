// Sealing (docs/spec/ledger.md §5): plaintext and a class's key enter; ciphertext, wrapped key and the two commitments
// leave. Opening: the same back, or the reason why not. Every sealed part has a key of its own, used once.

import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  hash,
  type KeyObject,
  randomFillSync,
  timingSafeEqual,
} from "node:crypto";

const version = 1;
const nonceBytes = 12;
const keyBytes = 32;
const tagBytes = 16;
const wrappedBytes = nonceBytes + keyBytes + tagBytes;

export interface Sealed {
  readonly kid: string;
  /** The part's own key under the class's key: nonce, ciphertext, tag. */
  readonly key: Buffer;
  /** Version, nonce, ciphertext, tag. */
  readonly body: Buffer;
  /** Hexadecimal. */
  readonly ct: string;
  readonly pt: string;
}

export function seal(plain: Uint8Array, kid: string, kek: KeyObject): Sealed {
  const random = takeRandom(keyBytes + 2 * nonceBytes);
  const raw = random.subarray(0, keyBytes);
  const dek = createSecretKey(raw);
  const body = encrypt(dek, random.subarray(keyBytes, keyBytes + nonceBytes), plain, Buffer.of(version));
  const key = encrypt(kek, random.subarray(keyBytes + nonceBytes), raw, Buffer.from(kid));
  const whole = Buffer.concat([Buffer.of(version), body]);
  return { kid, key, body: whole, ct: digestOf(whole), pt: commitTo(plain, dek) };
}

/** The plaintext; undefined where wrapped key, ciphertext or commitment do not belong together. */
export function unseal(sealed: Sealed, kek: KeyObject): Buffer | undefined {
  if (sealed.key.length !== wrappedBytes || sealed.body[0] !== version) return undefined;
  const raw = decrypt(kek, sealed.key, Buffer.from(sealed.kid));
  if (raw === undefined) return undefined;
  const dek = createSecretKey(raw);
  const plain = decrypt(dek, sealed.body.subarray(1), Buffer.of(version));
  if (plain === undefined) return undefined;
  // GCM does not commit to its key: without this, one ciphertext could be opened two ways
  const claimed = Buffer.from(sealed.pt, "hex");
  const actual = Buffer.from(commitTo(plain, dek), "hex");
  return claimed.length === actual.length && timingSafeEqual(claimed, actual) ? plain : undefined;
}

/** The leaf's `ct`. */
export function digestOf(body: Uint8Array): string {
  return hash("sha256", body);
}

function commitTo(plain: Uint8Array, dek: KeyObject): string {
  return createHmac("sha256", createSecretKey(deriveCommit(dek)))
    .update(plain)
    .digest("hex");
}

const pool = Buffer.alloc(8192);
let left = 0;

/** Random bytes, fetched many at a time; each byte is handed out once and wiped here. */
function takeRandom(length: number): Buffer {
  if (left < length) left = randomFillSync(pool).length;
  const bytes = Buffer.from(pool.subarray(left - length, left));
  pool.fill(0, left - length, left);
  left -= length;
  return bytes;
}

const noSalt = createSecretKey(Buffer.alloc(keyBytes));

/** HKDF-SHA256 (RFC 5869 §2) of one block, no salt, info "commit"; written out because hkdfSync costs four times as much. */
function deriveCommit(dek: KeyObject): Buffer {
  const extracted = createHmac("sha256", noSalt).update(dek.export()).digest();
  return createHmac("sha256", createSecretKey(extracted)).update("commit\u0001").digest();
}

function encrypt(key: KeyObject, nonce: Uint8Array, plain: Uint8Array, context: Uint8Array): Buffer {
  const cipher = createCipheriv("aes-256-gcm", key, nonce).setAAD(context);
  return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

function decrypt(key: KeyObject, bytes: Uint8Array, context: Uint8Array): Buffer | undefined {
  if (bytes.length < nonceBytes + tagBytes) return undefined;
  try {
    const decipher = createDecipheriv("aes-256-gcm", key, bytes.subarray(0, nonceBytes), { authTagLength: tagBytes });
    decipher.setAAD(context).setAuthTag(bytes.subarray(-tagBytes));
    return Buffer.concat([decipher.update(bytes.subarray(nonceBytes, -tagBytes)), decipher.final()]);
  } catch {
    return undefined;
  }
}
