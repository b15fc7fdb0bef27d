// The index of source: files come in with their labels, one at a time, in any order, and can be replaced or taken out again. No
// file is read here. One worker writes; others look up in the same memory (`share`, `openShared`), and share again after a change.

import { leave, type Named, type Store } from "./enter.ts";
import { enterPrint } from "./enter-print.ts";
import { keyHashes } from "./keyed.ts";
import { addPublic, openPublic, publicOctets } from "./known-public.ts";
import { indexOctets } from "./limits.ts";
import type { Omission } from "./omit.ts";
import { type Fingerprint, fingerprintOf, type Print, publicPrintOf } from "./print.ts";
import { openShared, type Reading, type Shared } from "./reading.ts";
import { openShelf, shelfOctets } from "./shelf.ts";
import { expectedPlaces, openTable, tableOctets } from "./table.ts";

export interface SourceFile {
  /** As it will be named in an answer. */
  readonly path: string;
  readonly label: string;
  readonly octets: Uint8Array;
  /** Of too many files that share a passage, those stay first that are. */
  readonly weighty?: boolean;
}

/** Octets, but for the first two. */
export interface Size {
  readonly files: number;
  readonly lines: number;
  /** Taken in. */
  readonly source: number;
  /** Tables and lines. */
  readonly index: number;
  /** Passages everybody has. */
  readonly known: number;
}

export interface SourceIndex {
  /** `undefined`: taken. What was there by this path goes first. */
  readonly put: (file: SourceFile) => Omission | undefined;
  /** The same, of what was taken from a file under this index's key; of what is everybody's the passages, as `declarePublic`. */
  readonly putPrint: (named: Named, print: Print) => Omission | undefined;
  /** Of whatever came in by this path nothing stays. */
  readonly remove: (path: string) => void;
  /** What everybody has: its passages are no evidence, in files that are there and in those that come. Cannot be taken back. */
  readonly declarePublic: (octets: Uint8Array) => void;
  /** Not fingerprinted, by path. */
  readonly omitted: ReadonlyMap<string, Omission>;
  readonly size: () => Size;
  readonly share: () => Shared;
  /** For looking up in this thread, until the next change. */
  readonly reading: () => Reading;
}

/** A structured clone of it shares the memory. */
export type FilledStore = Omit<Store, "keyed">;

export interface Opening {
  /** 32 octets. */
  readonly key: Uint8Array;
  /** Octets of source that will come, as far as they are known; more is taken as well, in further tables. */
  readonly expected?: number;
  /** Octets of tables and lines together; what would need more is omitted. */
  readonly most?: number;
  /** What was filled elsewhere, under the same key (fill.ts); it is taken over. */
  readonly filled?: FilledStore;
}

export function openFingerprints(opening: Opening): SourceIndex {
  const store = openStore(opening);
  const omitted = new Map<string, Omission>();
  const share = (): Shared => shareStore(store, opening.key);
  const take = (named: Named, print: Fingerprint | Omission): Omission | undefined => {
    leave(store, named.path);
    omitted.delete(named.path);
    const omission = typeof print === "string" ? print : enterPrint(store, named, print);
    if (omission !== undefined) omitted.set(named.path, omission);
    return omission;
  };
  return {
    put: ({ path, label, octets, weighty = false }) =>
      take({ path, label, weighty }, fingerprintOf(path, octets, store.keyed)),
    putPrint: (named, print) => {
      if (print.kind !== "public") return take(named, print.kind === "omitted" ? print.omission : print);
      for (const hash of print.passages) addPublic(store.known, hash);
      return undefined;
    },
    remove: (path) => {
      omitted.delete(path);
      leave(store, path);
    },
    declarePublic: (octets) => {
      for (const hash of publicPrintOf(octets, store.keyed).passages) addPublic(store.known, hash);
    },
    omitted,
    size: () => sizeOf(store),
    share,
    reading: () => openShared(share()),
  };
}

export function openStore({ key, expected = 0, most = indexOctets, filled }: Opening): Store {
  if (filled !== undefined) return { ...filled, keyed: keyHashes(key) };
  return {
    keyed: keyHashes(key),
    most,
    files: [],
    gaps: [],
    byPath: new Map(),
    tables: [openTable(Math.min(expectedPlaces(expected), most / 8))],
    shelf: openShelf(),
    known: openPublic(),
    taken: 0,
  };
}

function shareStore({ files, tables, shelf, known }: Store, key: Uint8Array): Shared {
  return {
    key,
    files: files.map((file) => file?.known),
    tables: [...tables],
    pieces: [...shelf.pieces],
    known: [...known.pieces],
  };
}

function sizeOf({ files, tables, shelf, known }: Store): Size {
  const held = files.filter((file) => file !== undefined);
  return {
    files: held.length,
    lines: held.reduce((sum, file) => sum + file.known.count, 0),
    source: held.reduce((sum, file) => sum + file.octets, 0),
    index: tables.reduce((sum, table) => sum + tableOctets(table), shelfOctets(shelf)),
    known: publicOctets(known),
  };
}
