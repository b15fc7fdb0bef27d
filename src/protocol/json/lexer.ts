// The tokens of RFC 8259 in a body's octets, one at a time: where each ends, or -1 where there is none. *Attacker-controlled*
// octets; nothing is built of them.

/** What a string goes on with at this octet: 0 an ordinary one, 1 its end, 2 an escape, 3 none that may stand there. */
const inString = new Uint8Array(256);
for (let at = 0; at < 0x20; at += 1) inString[at] = 3;
inString[0x22] = 1;
inString[0x5c] = 2;

const space = new Uint8Array(256);
for (const octet of [0x20, 0x09, 0x0a, 0x0d]) space[octet] = 1;

const hex = new Uint8Array(256);
for (const digit of "0123456789abcdefABCDEF") hex[digit.charCodeAt(0)] = 1;

const escapes = new Uint8Array(256);
for (const letter of '"\\/bfnrt') escapes[letter.charCodeAt(0)] = 1;

export function skipSpace(bytes: Buffer, at: number): number {
  let now = at;
  while (space[bytes[now] ?? 0] === 1) now += 1;
  return now;
}

export interface Ended {
  /** Of its closing quote; -1: it has none, or what may not stand in it. */
  at: number;
  escaped: boolean;
  /** It has an escape of half a character (U+D800 to U+DFFF). */
  half: boolean;
}

/** `at`: behind the opening quote. Told in `ended`, so that nothing is made for each string. */
export function endString(bytes: Buffer, at: number, ended: Ended): void {
  ended.escaped = false;
  ended.half = false;
  for (let now = at; now < bytes.length; ) {
    const class_ = inString[bytes[now] ?? 0];
    if (class_ === 0) now += 1;
    else if (class_ === 1) {
      ended.at = now;
      return;
    } else {
      const next = class_ === 2 ? endEscape(bytes, now + 1) : -1;
      if (next < 0) break;
      ended.escaped = true;
      if (next === now + 6 && isHalf(bytes, now + 2)) ended.half = true;
      now = next;
    }
  }
  ended.at = -1;
}

/** `at`: behind the backslash. */
function endEscape(bytes: Buffer, at: number): number {
  const letter = bytes[at] ?? 0;
  if (escapes[letter] === 1) return at + 1;
  if (letter !== 0x75) return -1;
  for (let digit = 1; digit <= 4; digit += 1) if (hex[bytes[at + digit] ?? 0] !== 1) return -1;
  return at + 5;
}

/** `at`: of the four digits. */
function isHalf(bytes: Buffer, at: number): boolean {
  return ((bytes[at] ?? 0) | 0x20) === 0x64 && (bytes[at + 1] ?? 0) > 0x37;
}

const isDigit = (octet: number | undefined): boolean => octet !== undefined && octet >= 0x30 && octet <= 0x39;

function endDigits(bytes: Buffer, at: number): number {
  let now = at;
  while (isDigit(bytes[now])) now += 1;
  return now === at ? -1 : now;
}

/** RFC 8259 §6: no leading zero, no plus, digits on both sides of the point. */
export function endNumber(bytes: Buffer, at: number): number {
  const first = bytes[at] === 0x2d ? at + 1 : at;
  let now = bytes[first] === 0x30 ? first + 1 : endDigits(bytes, first);
  if (now >= 0 && bytes[now] === 0x2e) now = endDigits(bytes, now + 1);
  if (now >= 0 && ((bytes[now] ?? 0) | 0x20) === 0x65) {
    const signed = bytes[now + 1] === 0x2b || bytes[now + 1] === 0x2d;
    now = endDigits(bytes, now + (signed ? 2 : 1));
  }
  return now;
}

const literals = ["true", "false", "null"].map((word) => Buffer.from(word));

export function endLiteral(bytes: Buffer, at: number): number {
  const found = literals.find((word) => word.every((octet, place) => bytes[at + place] === octet));
  return found === undefined ? -1 : at + found.length;
}
