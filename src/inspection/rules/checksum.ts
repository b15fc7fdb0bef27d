// The arithmetic of tokens that carry their own proof. Text in, text or a verdict out.

import { createHash } from "node:crypto";

const table = Uint32Array.from({ length: 256 }, (_, start) => {
  let value = start;
  for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});

/** CRC-32 as in ISO 3309, of one octet a unit. */
export function crc32(text: string): number {
  let value = 0xffffffff;
  for (let at = 0; at < text.length; at += 1)
    value = (value >>> 8) ^ (table[(value ^ text.charCodeAt(at)) & 0xff] ?? 0);
  return (value ^ 0xffffffff) >>> 0;
}

export const base36 = "0123456789abcdefghijklmnopqrstuvwxyz";
export const base62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/** Most significant digit first, with leading zeros. */
export function digitsOf(value: number, alphabet: string, length: number): string {
  let rest = value;
  let digits = "";
  while (rest > 0) {
    digits = (alphabet[rest % alphabet.length] ?? "") + digits;
    rest = Math.floor(rest / alphabet.length);
  }
  return digits.padStart(length, alphabet[0]);
}

/** The first 40 bits of the SHA-256, in RFC 4648's base 32. */
export function hashLetters(text: string): string {
  const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  const bits = BigInt(`0x${createHash("sha256").update(text).digest("hex").slice(0, 10)}`);
  return [35n, 30n, 25n, 20n, 15n, 10n, 5n, 0n].map((shift) => letters[Number((bits >> shift) & 31n)]).join("");
}

/** Least significant octet first. */
export function littleEndian(value: number): Buffer {
  const octets = Buffer.alloc(4);
  octets.writeUInt32LE(value);
  return octets;
}

const bech32Letters = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";

/** BIP 173: prefix, "1", data, six letters of checksum. All of one case. */
export function isBech32(text: string): boolean {
  const lower = text.toLowerCase();
  const split = lower.lastIndexOf("1");
  const data = Array.from(lower.slice(split + 1), (letter) => bech32Letters.indexOf(letter));
  if (split < 1 || data.includes(-1) || (text !== lower && text !== text.toUpperCase())) return false;
  return polymod([...expanded(lower.slice(0, split)), ...data]) === 1;
}

/** The six letters that make prefix and data whole. */
export function bech32Tail(prefix: string, data: readonly number[]): string {
  const value = polymod([...expanded(prefix), ...data, 0, 0, 0, 0, 0, 0]) ^ 1;
  return [25, 20, 15, 10, 5, 0].map((shift) => bech32Letters[(value >>> shift) & 31]).join("");
}

function expanded(prefix: string): number[] {
  const codes = Array.from(prefix, (letter) => letter.charCodeAt(0));
  return [...codes.map((code) => code >> 5), 0, ...codes.map((code) => code & 31)];
}

function polymod(values: readonly number[]): number {
  let sum = 1;
  for (const value of values) {
    const top = sum >>> 25;
    sum = (((sum & 0x1ffffff) << 5) ^ value) >>> 0;
    [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3].forEach((step, bit) => {
      if ((top >>> bit) & 1) sum = (sum ^ step) >>> 0;
    });
  }
  return sum;
}

const base58Letters = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

/** Bitcoin's Base58Check: the last four octets are the beginning of the others' double SHA-256. */
export function isBase58Check(text: string): boolean {
  let value = 0n;
  for (const letter of text) {
    const digit = base58Letters.indexOf(letter);
    if (digit < 0) return false;
    value = value * 58n + BigInt(digit);
  }
  const hex = value.toString(16);
  const octets = Buffer.from(hex.padStart(hex.length + (hex.length % 2), "0"), "hex");
  return octets.length > 4 && doubleHash(octets.subarray(0, -4)).equals(octets.subarray(-4));
}

/** Octets that do not begin with 0. */
export function base58Check(octets: Buffer): string {
  let value = BigInt(`0x${Buffer.concat([octets, doubleHash(octets)]).toString("hex")}`);
  let text = "";
  for (; value > 0n; value /= 58n) text = (base58Letters[Number(value % 58n)] ?? "") + text;
  return text;
}

function doubleHash(octets: Buffer): Buffer {
  const once = createHash("sha256").update(octets).digest();
  return createHash("sha256").update(once).digest().subarray(0, 4);
}
