// The index as those see it who only look up: tables and lines shared between workers, and the files' names.

import { type Keyed, keyHashes } from "./keyed.ts";
import { smallFile } from "./limits.ts";
import type { Lines } from "./lines.ts";
import type { Piece } from "./shelf.ts";
import type { Table } from "./table.ts";

/** A file that is in the index. */
export interface Known {
  readonly path: string;
  readonly label: string;
  /** Its first line on the shelf, and how many it has; `plain` of them have something on them. */
  readonly from: number;
  readonly count: number;
  readonly plain: number;
  /** Of all its normalised octets, where they are few; and how many those are. */
  readonly whole: number;
  readonly size: number;
  /** By which it is chosen among too many that share a passage. */
  readonly rank: number;
}

/** A structured clone of it shares the memory. */
export interface Shared {
  readonly key: Uint8Array;
  readonly files: readonly (Known | undefined)[];
  readonly tables: readonly Table[];
  readonly pieces: readonly Piece[];
  /** Passages everybody has. */
  readonly known: readonly Uint32Array[];
}

export interface Reading extends Shared {
  readonly keyed: Keyed;
  /** Small files by all of them. */
  readonly small: ReadonlyMap<number, readonly number[]>;
}

/** In whatever worker. */
export function openShared(shared: Shared): Reading {
  const small = new Map<number, number[]>();
  for (const [number, file] of shared.files.entries()) {
    if (file === undefined || file.size > smallFile) continue;
    const same = small.get(file.whole);
    if (same === undefined) small.set(file.whole, [number]);
    else same.push(number);
  }
  return { ...shared, keyed: keyHashes(shared.key), small };
}

/** All of a text in 52 bits. */
export function wholeOf({ plain, size }: Pick<Lines, "plain" | "size">, { letters, seed }: Keyed): number {
  let first = seed;
  let second = ~seed;
  for (let at = 0; at < size; at += 1) {
    const letter = letters[plain[at] ?? 0] ?? 0;
    first = Math.imul(first, 0x01000193) ^ letter;
    second = Math.imul(second, 0x2c1b3c6d) + letter;
  }
  return (first >>> 6) * 2 ** 26 + (second >>> 6);
}
