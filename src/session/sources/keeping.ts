// What was taken from the files of a checkout, kept from one session to the next. In sixteen parts by the files' names, each written
// whole beside its place and then put there: of sessions that write at the same time the last one's is there, and nobody waits. What
// cannot be read, opened or understood is not there. Part of the reader's thread.

import { createHmac, hash } from "node:crypto";
import { encodeRecord, fittingIn, type KeptRecord, recordsIn } from "../../inspection/source/kept.ts";
import type { Print } from "../../inspection/source/print.ts";
import type { KeptPlace } from "./kept-place.ts";
import { sweepPlaces, touchPlace } from "./kept-rest.ts";
import type { SourceRoot } from "./listing.ts";
import { isSettled, type Read } from "./look.ts";
import { makePrivate, readPrivate, writePrivate } from "./private-files.ts";
import { openSealed, sealOctets } from "./sealed.ts";

const parts = 16;
export const keptBounds = {
  /** Octets of one part, opened. */
  part: 32 * 2 ** 20,
  /** Octets that wait to be written. */
  waiting: 64 * 2 ** 20,
} as const;
/** What sealing adds. */
const seal = 64;

export interface Taken {
  readonly read: Read;
  readonly print: Print;
}

/** Of other files nothing is kept any more. */
export type Knows = (root: SourceRoot, path: string) => boolean;

export interface Keeping {
  /** By path. Each is held against the file before it is taken for it. */
  readonly load: (root: SourceRoot) => ReadonlyMap<string, KeptRecord>;
  readonly note: (root: SourceRoot, path: string, taken: Taken) => void;
  /** All was read for the first time: what waits is written, and what nobody needs any more goes. */
  readonly finish: () => void;
  /** What waits is written when the last writing is long enough ago. */
  readonly saveSoon: () => void;
}

/** Of a private copy nothing is kept: its files are others each time. */
const isKept = ({ tree, checkout }: SourceRoot): boolean => tree === checkout;

/** `rest`: milliseconds between two writings. */
export function openKeeping(place: KeptPlace | undefined, rest: number, knows: Knows): Keeping {
  return place === undefined ? nothingKept : new Kept(place, rest, knows);
}

const nothingKept: Keeping = {
  load: () => new Map(),
  note: () => undefined,
  finish: () => undefined,
  saveSoon: () => undefined,
};

/** Of one part: records by path; undefined, gone. */
type Waiting = Map<string, Uint8Array | undefined>;

class Kept implements Keeping {
  readonly #place: KeptPlace;
  readonly #rest: number;
  readonly #knows: Knows;
  /** Until all was read for the first time: what was kept before. */
  #before: (readonly [SourceRoot, string])[] = [];
  readonly #waiting = new Map<SourceRoot, Map<number, Waiting>>();
  #octets = 0;
  #saved = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(place: KeptPlace, rest: number, knows: Knows) {
    [this.#place, this.#rest, this.#knows] = [place, rest, knows];
  }

  load(root: SourceRoot): ReadonlyMap<string, KeptRecord> {
    const all = new Map<string, KeptRecord>();
    if (!isKept(root) || !makePrivate(this.#directoryOf(root))) return all;
    touchPlace(this.#directoryOf(root));
    for (let part = 0; part < parts; part += 1)
      for (const record of this.#read(root, part)) all.set(record.path, record);
    for (const path of all.keys()) this.#before.push([root, path]);
    return all;
  }

  note(root: SourceRoot, path: string, { read, print }: Taken): void {
    const record = isKept(root) && isSettled(read) ? encodeRecord(path, read.look.mark, print) : undefined;
    if (record === undefined) return;
    this.#wait(root, path, record);
    if (this.#octets > keptBounds.waiting) this.#save();
  }

  #wait(root: SourceRoot, path: string, record: Uint8Array | undefined): void {
    const ofRoot = this.#waiting.get(root) ?? new Map<number, Waiting>();
    this.#waiting.set(root, ofRoot);
    const part = partOf(path);
    const waiting = ofRoot.get(part) ?? new Map<string, Uint8Array | undefined>();
    ofRoot.set(part, waiting);
    this.#octets += (record?.length ?? 0) - (waiting.get(path)?.length ?? 0);
    waiting.set(path, record);
  }

  saveSoon(): void {
    if (this.#waiting.size === 0) return;
    const left = this.#rest - (performance.now() - this.#saved);
    this.#timer ??= setTimeout(() => this.#save(), Math.max(0, left)).unref();
  }

  finish(): void {
    for (const [root, path] of this.#before) if (!this.#knows(root, path)) this.#wait(root, path, undefined);
    this.#before = [];
    this.#save();
    sweepPlaces(this.#place.directory);
  }

  /** Where it cannot be written, the next session reads anew. */
  #save(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    for (const [root, ofRoot] of this.#waiting)
      for (const [part, waiting] of ofRoot)
        try {
          this.#write(root, part, this.#joined(root, part, waiting));
        } catch {
          // no room, or nobody's any more
        }
    this.#waiting.clear();
    this.#octets = 0;
    this.#saved = performance.now();
  }

  /** What waits; and what was kept before of files that are still known. */
  #joined(root: SourceRoot, part: number, waiting: Waiting): readonly Uint8Array[] {
    const fresh = [...waiting.values()].filter((record) => record !== undefined);
    const before = this.#read(root, part).filter(({ path }) => !waiting.has(path) && this.#knows(root, path));
    return fittingIn([...fresh, ...before.map(({ octets }) => octets)], keptBounds.part);
  }

  #read(root: SourceRoot, part: number): readonly KeptRecord[] {
    const sealed = readPrivate(this.#pathOf(root, part), keptBounds.part + seal);
    const octets = sealed && openSealed(this.#place.sealing, this.#contextOf(root, part), sealed);
    return (octets && recordsIn(octets)) ?? [];
  }

  #write(root: SourceRoot, part: number, records: readonly Uint8Array[]): void {
    if (!makePrivate(this.#directoryOf(root))) return;
    const sealed = sealOctets(this.#place.sealing, this.#contextOf(root, part), records);
    writePrivate(this.#pathOf(root, part), sealed);
  }

  /** Says nothing of the checkout to who has not the key. */
  #directoryOf({ checkout, label }: SourceRoot): string {
    const name = createHmac("sha256", this.#place.hashing).update(`${label} ${checkout}`).digest("hex").slice(0, 32);
    return `${this.#place.directory}/${name}`;
  }

  #pathOf(root: SourceRoot, part: number): string {
    return `${this.#directoryOf(root)}/${part.toString(16)}`;
  }

  #contextOf({ checkout, label }: SourceRoot, part: number): string {
    return JSON.stringify(["postern sources", this.#place.build, label, checkout, part]);
  }
}

const partOf = (path: string): number => Number.parseInt(hash("sha256", Buffer.from(path, "utf16le")).slice(0, 1), 16);
