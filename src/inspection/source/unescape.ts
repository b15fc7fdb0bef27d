// Text quoted in JSON (or in a string of most languages) → the text, one level at a time. Only lines that hold a backslash are
// read again. A quote that is not escaped begins or ends a string, so it ends a line here, with a NUL before: the first line of
// quoted source does not hang on a key's name. Attacker-controlled; nothing is refused, and nothing grows but by such a NUL.

const backslash = 92;
const newline = 10;
const simple: Readonly<Record<number, number>> = {
  110: newline, // n
  116: 9, // t
  114: 13, // r
  98: 8, // b
  102: 12, // f
  34: 34,
  39: 39,
  47: 47,
  92: backslash,
};

/** From where to where in the octets. */
export type Stretch = readonly [from: number, to: number];

/** All lines with a backslash in them, unescaped once; without those that begin in what is known already, which is in order. */
export function unescapeLines(octets: Uint8Array, known: readonly Stretch[]): Uint8Array {
  const quoting = linesOf(octets, known);
  const size = quoting.reduce((sum, line) => sum + line.length + countQuotes(line), 0);
  const out = new Uint8Array(size);
  let at = 0;
  for (const line of quoting) at = unescapeLine(line, out, at);
  return out.subarray(0, at);
}

function linesOf(octets: Uint8Array, known: readonly Stretch[]): Uint8Array[] {
  const lines: Uint8Array[] = [];
  let stretch = 0;
  for (let at = octets.indexOf(backslash); at >= 0; ) {
    const begin = octets.lastIndexOf(newline, at) + 1;
    const next = octets.indexOf(newline, at);
    const end = next < 0 ? octets.length : next + 1;
    while ((known[stretch]?.[1] ?? octets.length) <= begin) stretch += 1;
    if (begin < (known[stretch]?.[0] ?? octets.length)) lines.push(octets.subarray(begin, end));
    at = octets.indexOf(backslash, end);
  }
  return lines;
}

function countQuotes(line: Uint8Array): number {
  let count = 0;
  for (let at = line.indexOf(34); at >= 0; at = line.indexOf(34, at + 1)) count += 1;
  return count;
}

function unescapeLine(line: Uint8Array, out: Uint8Array, from: number): number {
  let size = from;
  for (let at = 0; at < line.length; at += 1) {
    const octet = line[at] ?? 0;
    if (octet === 34) {
      out[size + 1] = newline;
      size += 2;
      continue;
    }
    const next = octet === backslash ? line[at + 1] : undefined;
    const plain = next === undefined ? undefined : simple[next];
    if (plain !== undefined) {
      out[size] = plain;
      size += 1;
      at += 1;
    } else if (next === 117 && hexAt(line, at + 2) >= 0) {
      const unit = hexAt(line, at + 2);
      const low = unit >= 0xd800 && unit < 0xdc00 ? lowAt(line, at + 6) : -1;
      size = putPoint(out, size, low < 0 ? unit : 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00));
      at += low < 0 ? 5 : 11;
    } else {
      out[size] = octet;
      size += 1;
    }
  }
  return size;
}

/** Four hexadecimal digits, or -1. */
function hexAt(line: Uint8Array, at: number): number {
  let value = 0;
  for (let digit = at; digit < at + 4; digit += 1) {
    const octet = line[digit] ?? 0;
    const low = octet | 32;
    if (octet >= 48 && octet <= 57) value = value * 16 + octet - 48;
    else if (low >= 97 && low <= 102) value = value * 16 + low - 87;
    else return -1;
  }
  return value;
}

function lowAt(line: Uint8Array, at: number): number {
  const unit = line[at] === backslash && line[at + 1] === 117 ? hexAt(line, at + 2) : -1;
  return unit >= 0xdc00 && unit < 0xe000 ? unit : -1;
}

/** As UTF-8; a surrogate alone as U+FFFD, as everybody writes it. */
function putPoint(out: Uint8Array, size: number, point: number): number {
  const written = Buffer.from(String.fromCodePoint(point));
  out.set(written, size);
  return size + written.length;
}
