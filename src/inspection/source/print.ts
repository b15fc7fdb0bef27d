// What of a file's content the index needs, taken from its octets once: the hashes of its lines and passages under a key, and its
// digests. No content is in it, and nothing that a policy says of the file: it can be kept, and put into another index of that key.

import { contentHeads } from "./digests.ts";
import type { Keyed } from "./keyed.ts";
import { fileOctets, smallFile } from "./limits.ts";
import { eachWindow, type Kept } from "./lines.ts";
import { asRead } from "./octets.ts";
import { type Omission, omissionOf } from "./omit.ts";
import { wholeOf } from "./reading.ts";

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
  return omissionOf(path, text) ?? { octets: octets.length, ...linesOf(text, keyed) };
}

export function publicPrintOf(octets: Uint8Array, keyed: Keyed): PublicPrint {
  const { passages } = linesOf(asRead(octets), keyed);
  return { kind: "public", octets: octets.length, passages };
}

/** Of each window what the kernel has is copied, for it is written over. */
function linesOf(text: Uint8Array, keyed: Keyed): Omit<Fingerprint, "octets"> {
  const windows: Pick<Fingerprint, "hashes" | "shapes" | "passages" | "places">[] = [];
  const isNew = openOnce(text.length);
  const head = new Uint8Array(smallFile);
  let size = 0;
  eachWindow(text, keyed, (lines) => {
    if (size < smallFile) head.set(lines.plain.subarray(0, Math.min(lines.size, smallFile - size)), size);
    size += lines.size;
    const hashes = lines.hashes.slice(0, lines.count);
    windows.push({
      hashes,
      shapes: new Uint8Array(lines.shapes.subarray(0, lines.count)),
      ...newOf(lines.kept, isNew),
    });
  });
  const hashes = joined(
    windows.map((window) => window.hashes),
    Uint16Array,
  );
  return {
    size,
    plain: hashes.reduce((sum, hash) => sum + (hash === 0 ? 0 : 1), 0),
    whole: size > smallFile ? 0 : wholeOf({ plain: head, size }, keyed),
    hashes,
    shapes: joined(
      windows.map((window) => window.shapes),
      Uint8Array,
    ),
    passages: joined(
      windows.map((window) => window.passages),
      Uint32Array,
    ),
    places: joined(
      windows.map((window) => window.places),
      Uint32Array,
    ),
  };
}

function newOf(kept: Kept, isNew: (hash: number) => boolean): Pick<Fingerprint, "passages" | "places"> {
  const [passages, places] = [new Uint32Array(kept.count), new Uint32Array(kept.count)];
  let taken = 0;
  for (let which = 0; which < kept.count; which += 1) {
    const hash = kept.hashes[which] ?? 0;
    if (!isNew(hash)) continue;
    passages[taken] = hash;
    places[taken] = kept.lines[which] ?? 0;
    taken += 1;
  }
  return { passages: passages.slice(0, taken), places: places.slice(0, taken) };
}

function joined<All extends Uint8Array | Uint16Array | Uint32Array>(
  parts: readonly All[],
  of: new (size: number) => All,
): All {
  const [only] = parts;
  if (only !== undefined && parts.length === 1) return only;
  const all = new of(parts.reduce((sum, part) => sum + part.length, 0));
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
