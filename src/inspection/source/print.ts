// What of a file's content the index needs, taken from its octets once: the hashes of its lines and passages under a key, and its
// digests. No content is in it, and nothing that a policy says of the file: it can be kept, and put into another index of that key.

import { contentHeads } from "./digests.ts";
import type { Keyed } from "./keyed.ts";
import { fileOctets, smallFile } from "./limits.ts";
import { type Lines, normalise, shapeOf } from "./lines.ts";
import { asRead } from "./octets.ts";
import { type Omission, omissionOf } from "./omit.ts";
import { wholeOf } from "./reading.ts";
import { winnow } from "./winnow.ts";

export type Print = LinesPrint | OmittedPrint | PublicPrint;

/** Of a text under a key. */
export interface Fingerprint {
  /** Of the file. */
  readonly octets: number;
  /** Normalised octets. */
  readonly size: number;
  /** Lines with something on them. */
  readonly plain: number;
  /** Of all normalised octets, where they are few. */
  readonly whole: number;
  /** One for each line, and how it is written. */
  readonly hashes: Uint16Array;
  readonly shapes: Uint8Array;
  /** Kept passages, each once, in their order; and from 0 the lines they begin in. */
  readonly passages: Uint32Array;
  readonly places: Uint32Array;
}

export interface LinesPrint extends Fingerprint {
  readonly kind: "lines";
  /** `contentHeads` */
  readonly heads: Uint8Array;
}

export interface OmittedPrint {
  readonly kind: "omitted";
  readonly octets: number;
  readonly omission: Omission;
  readonly heads: Uint8Array;
}

/** Of what everybody has: its passages are no evidence. */
export interface PublicPrint {
  readonly kind: "public";
  readonly octets: number;
  readonly passages: Uint32Array;
}

/** `path`: as it will be known; lock files are told by it. */
export function printOf(path: string, octets: Uint8Array, keyed: Keyed): LinesPrint | OmittedPrint {
  const heads = contentHeads(octets);
  const print = fingerprintOf(path, octets, keyed);
  if (typeof print === "string") return { kind: "omitted", octets: octets.length, omission: print, heads };
  return { kind: "lines", ...print, heads };
}

/** The same without digests. */
export function fingerprintOf(path: string, octets: Uint8Array, keyed: Keyed): Fingerprint | Omission {
  const text = octets.length > fileOctets ? octets : asRead(octets);
  const omission = omissionOf(path, text);
  if (omission !== undefined) return omission;
  const lines = normalise(text, keyed);
  const { size, hashes } = lines;
  return {
    octets: octets.length,
    size,
    plain: hashes.reduce((sum, hash) => sum + (hash === 0 ? 0 : 1), 0),
    whole: size > smallFile ? 0 : wholeOf(lines, keyed),
    // alone: what the lines were read into is larger
    hashes: hashes.slice(),
    shapes: shapesOf(lines),
    ...passagesOf(lines, keyed),
  };
}

export function publicPrintOf(octets: Uint8Array, keyed: Keyed): PublicPrint {
  const { passages } = passagesOf(normalise(asRead(octets), keyed), keyed);
  return { kind: "public", octets: octets.length, passages };
}

function shapesOf({ octets, begins, count }: Lines): Uint8Array {
  const shapes = new Uint8Array(count);
  for (let line = 0; line < count; line += 1) shapes[line] = shapeOf(octets, begins[line] ?? 0, begins[line + 1] ?? 0);
  return shapes;
}

function passagesOf({ plain, size, starts }: Lines, keyed: Keyed): Pick<LinesPrint, "passages" | "places"> {
  const batches: { passages: Uint32Array; places: Uint32Array }[] = [];
  const isNew = openOnce(size);
  let line = 0;
  winnow(plain, size, keyed, ({ hashes, places, count }) => {
    const batch = { passages: new Uint32Array(count), places: new Uint32Array(count) };
    let taken = 0;
    for (let which = 0; which < count; which += 1) {
      const hash = hashes[which] ?? 0;
      while ((starts[line + 1] ?? size) <= (places[which] ?? 0)) line += 1;
      if (!isNew(hash)) continue;
      batch.passages[taken] = hash;
      batch.places[taken] = line;
      taken += 1;
    }
    batches.push({ passages: batch.passages.subarray(0, taken), places: batch.places.subarray(0, taken) });
  });
  return {
    passages: joined(batches.map((batch) => batch.passages)),
    places: joined(batches.map((batch) => batch.places)),
  };
}

function joined(parts: readonly Uint32Array[]): Uint32Array {
  const all = new Uint32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** Whether a number comes for the first time; of so many octets no more passages are kept than there are places for. */
function openOnce(octets: number): (hash: number) => boolean {
  const size = 2 ** Math.ceil(Math.log2(Math.max(16, octets / 4)));
  const seen = new Uint32Array(size);
  let zero = false;
  let held = 0;
  return (hash) => {
    if (hash === 0) {
      const first = !zero;
      zero = true;
      return first;
    }
    let at = (hash >>> 7) & (size - 1);
    while (seen[at] !== 0 && seen[at] !== hash) at = (at + 1) & (size - 1);
    if (seen[at] === hash) return false;
    if (held === size - 1) return true;
    seen[at] = hash;
    held += 1;
    return true;
  };
}
