// A part of a string's text → the octets it stands in, and other text for it as octets that may stand there. Between the two nothing
// of the body is written anew.

import type { SpanPlace } from "../../domain/span.ts";

export interface Octets {
  readonly from: number;
  readonly to: number;
}

/**
 * UTF-16 units of the string's text, never between two halves of a character, → octets. Of a string that a reader has found. Parts are
 * asked for in rising order, so that the string is gone through once.
 */
export function openOctets(bytes: Buffer, place: SpanPlace): (from: number, to: number) => Octets {
  if (!place.escaped && place.to - place.from === lengthOf(bytes, place)) {
    // an octet a unit: nothing but ASCII
    return (from, to) => ({ from: place.from + from, to: place.from + to });
  }
  let [unit, octet] = [0, place.from];
  const skipTo = (next: number): number => {
    if (next < unit) throw new RangeError("parts of a string are not in order");
    octet = skipUnits(bytes, octet, next - unit);
    unit = next;
    return octet;
  };
  return (from, to) => ({ from: skipTo(from), to: skipTo(to) });
}

const lengthOf = (bytes: Buffer, { from, to }: SpanPlace): number => {
  for (let at = from; at < to; at += 1) if ((bytes[at] ?? 0) >= 0x80) return -1;
  return to - from;
};

/** `units`: how many go by; what stands for them is one octet, an escape of two or six, or a character's UTF-8. */
function skipUnits(bytes: Buffer, at: number, units: number): number {
  let [now, left] = [at, units];
  while (left > 0) {
    const octet = bytes[now] ?? 0;
    if (octet === 0x5c) now += bytes[now + 1] === 0x75 ? 6 : 2;
    else if (octet < 0x80) now += 1;
    else if (octet < 0xe0) now += 2;
    else if (octet < 0xf0) now += 3;
    else {
      // two units by themselves
      now += 4;
      left -= 1;
    }
    left -= 1;
  }
  return now;
}

/** As it may stand between two quotes, escaping no more than must be (RFC 8259 §7). */
export const written = (text: string): string => JSON.stringify(text).slice(1, -1);

export interface Change extends Octets {
  readonly by: Buffer;
}

/** The body with these changes, which must not overlap. Everything else is the octets that were there. */
export function splice(bytes: Buffer, changes: readonly Change[]): Buffer {
  const sorted = changes.toSorted((a, b) => a.from - b.from);
  const pieces: Buffer[] = [];
  let at = 0;
  for (const { from, to, by } of sorted) {
    if (from < at || to < from) throw new RangeError("changes of a body overlap");
    pieces.push(bytes.subarray(at, from), by);
    at = to;
  }
  return Buffer.concat([...pieces, bytes.subarray(at)]);
}
