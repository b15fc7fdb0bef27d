// What was taken from a file (print.ts) into the tables.

import { fits, mayEnter, type Named, putPassage, rankOf, type Store } from "./enter.ts";
import { hashText } from "./keyed.ts";
import { isPublic } from "./known-public.ts";
import { sharers } from "./limits.ts";
import type { Omission } from "./omit.ts";
import type { Fingerprint } from "./print.ts";
import type { Known } from "./reading.ts";
import { linesLeft, own, ownerOf, takeLines, writeLine } from "./shelf.ts";
import { collectLines, keptOf, likely, together } from "./table.ts";

export function enterPrint(store: Store, named: Named, print: Fingerprint): Omission | undefined {
  if (!fits(store, { count: print.hashes.length, size: print.size })) return "index full";
  const placed = placePrint(store, named, print);
  if (placed === undefined) return "index full";
  putPassages(store, placed, print);
  return undefined;
}

export interface Placed {
  readonly number: number;
  readonly known: Known;
}

/** Its lines are on the shelf, and it has a number; `undefined`: there are no more lines. */
export function placePrint(store: Store, named: Named, print: Fingerprint): Placed | undefined {
  const { path, label, weighty } = named;
  const { hashes, shapes, plain, whole, size, octets } = print;
  const from = takeLines(store.shelf, hashes.length);
  if (from === undefined) return undefined;
  const rank = rankOf(hashText(path, store.keyed), weighty);
  const known: Known = { path, label, from, count: hashes.length, plain, whole, size, rank };
  const number = store.gaps.pop() ?? store.files.length;
  store.files[number] = { known, octets };
  store.byPath.set(path, number);
  for (let line = 0; line < hashes.length; line += 1)
    writeLine(store.shelf, from + line, hashes[line] ?? 0, shapes[line] ?? 0);
  own(store.shelf, known, number);
  return { number, known };
}

/** Written over with each passage. */
const found = new Int32Array(sharers * 4);
/** Which of some passages may be there: asked so that what all of them take is in the processor's memory until the last is put in. */
const asked = new Uint16Array(together);

function putPassages(store: Store, { number, known }: Placed, { passages, places, size }: Fingerprint): void {
  const { from, rank } = known;
  const kept = keptOf(size);
  const isDead = linesLeft(store.shelf) === 0 ? undefined : (held: number) => ownerOf(store.shelf.pieces, held) < 0;
  for (let which = 0; which < passages.length; which += 1) {
    if (which % together === 0) likely(store.tables, passages.subarray(which, which + together), asked);
    const hash = passages[which] ?? 0;
    if (isPublic(store.known.pieces, hash)) continue;
    const sharing = collectLines(store.tables, hash, found);
    if (sharing === 0 || mayEnter(store, { number, rank, hash }, found, sharing))
      putPassage(store, { hash, line: from + (places[which] ?? 0), isDead }, kept);
  }
}
