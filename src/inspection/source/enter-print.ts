// What was taken from a file (print.ts) into the tables, as if the file itself had come (enter.ts).

import { fits, mayEnter, type Named, putPassage, rankOf, type Store } from "./enter.ts";
import { hashText } from "./keyed.ts";
import { isPublic } from "./known-public.ts";
import { sharers } from "./limits.ts";
import type { Omission } from "./omit.ts";
import type { LinesPrint } from "./print.ts";
import type { Known } from "./reading.ts";
import { linesLeft, own, ownerOf, takeLines, writeLine } from "./shelf.ts";
import { collectLines, keptOf } from "./table.ts";

export type NamedPrint = Omit<Named, "octets">;

export function enterPrint(store: Store, named: NamedPrint, print: LinesPrint): Omission | undefined {
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
export function placePrint(store: Store, named: NamedPrint, print: LinesPrint): Placed | undefined {
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

function putPassages(store: Store, { number, known }: Placed, { passages, places, size }: LinesPrint): void {
  const found = new Int32Array(sharers * 4);
  const kept = keptOf(size);
  const isDead = linesLeft(store.shelf) === 0 ? undefined : (held: number) => ownerOf(store.shelf.pieces, held) < 0;
  for (let which = 0; which < passages.length; which += 1) {
    const hash = passages[which] ?? 0;
    if (isPublic(store.known.pieces, hash)) continue;
    const sharing = collectLines(store.tables, hash, found);
    if (sharing === 0 || mayEnter(store, { number, rank: known.rank, hash }, found, sharing))
      putPassage(store, { hash, line: known.from + (places[which] ?? 0), isDead }, kept);
  }
}
