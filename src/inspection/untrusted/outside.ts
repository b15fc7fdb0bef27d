// Texts that came from outside, known again where their passages stand in another text: the fingerprints of source (../source/) the
// other way round. Each text has a source (a host, a file) and a group (the host, the package) within which alone it can be pushed
// out. Nothing of a text is kept but hashes under a key of the session's. Texts of either side are *attacker-controlled*.

import type { Keyed } from "../source/keyed.ts";
import { passage } from "../source/limits.ts";
import { eachWindow, readLines } from "../source/lines.ts";
import { levelsOf, pageText } from "./levels.ts";
import {
  apart,
  evidence,
  groupOctets,
  sources as mostSources,
  passagesAnOctet,
  seam,
  slice,
  textOctets,
} from "./limits.ts";
import { Passages } from "./passages.ts";

export interface OutsideText {
  /** How it will be named. */
  readonly name: string;
  readonly group: string;
  readonly octets: Uint8Array;
  /** Full of what everybody writes: more must be there again before it says something. */
  readonly code?: boolean;
}

export interface Reappeared {
  readonly name: string;
  /** Octets of the text that stand there too, white space apart. */
  readonly characters: number;
}

export interface OutsideBounds {
  readonly places: number;
  /** Octets of text. */
  readonly octets: number;
  /** What is pushed out where no room is left: another's or one's own; or nothing, and what comes is not taken. */
  readonly full: "oldest" | "refuse";
}

export interface Outside {
  /** What was there by this name in this group goes first where `replace`. False where not all of it could be taken in. */
  readonly put: (text: OutsideText, replace?: boolean) => boolean;
  readonly remove: (group: string, name: string) => void;
  /** `isOwn`: a passage of one's own, which is no evidence. */
  readonly find: (text: string, isOwn: (hash: number) => boolean) => readonly Reappeared[];
  readonly size: () => { readonly texts: number; readonly octets: number; readonly table: number };
}

interface Source {
  readonly name: string;
  readonly group: number;
  readonly octets: number;
  readonly code: boolean;
}

interface Group {
  /** Oldest first. */
  readonly owners: Set<number>;
  octets: number;
}

export function openOutside(keyed: Keyed, bounds: OutsideBounds): Outside {
  return new Knowing(keyed, bounds);
}

class Knowing implements Outside {
  readonly #keyed: Keyed;
  readonly #bounds: OutsideBounds;
  /** By their number; numbers are never given out again. */
  readonly #sources = new Map<number, Source>();
  readonly #groups = new Map<string, Group & { readonly number: number }>();
  readonly #byNumber = new Map<number, string>();
  readonly #passages: Passages;
  #octets = 0;
  #next = 1;
  #nextGroup = 1;

  constructor(keyed: Keyed, bounds: OutsideBounds) {
    this.#keyed = keyed;
    this.#bounds = bounds;
    const bringers = {
      isThere: (owner: number) => this.#sources.has(owner),
      groupOf: (owner: number) => this.#sources.get(owner)?.group ?? 0,
    };
    this.#passages = new Passages(bringers, bounds.places);
  }

  put({ name, group: named, octets: given, code = false }: OutsideText, replace = false): boolean {
    if (replace) this.remove(named, name);
    const octets = given.subarray(0, textOctets);
    if (!this.#makeRoom(named, octets.length)) return false;
    const group = this.#groupOf(named);
    const owner = this.#next;
    this.#next += 1;
    this.#sources.set(owner, { name, group: group.number, octets: octets.length, code });
    group.owners.add(owner);
    group.octets += octets.length;
    this.#octets += octets.length;
    return this.#enter(octets, owner) && octets.length === given.length;
  }

  remove(group: string, name: string): void {
    for (const owner of this.#groups.get(group)?.owners ?? [])
      if (this.#sources.get(owner)?.name === name) this.#drop(owner);
  }

  find(text: string, isOwn: (hash: number) => boolean): readonly Reappeared[] {
    if (this.#sources.size === 0) return [];
    const found = new Map<number, number>();
    for (const level of levelsOf(Buffer.from(text))) {
      const here = new Map<number, number>();
      for (const part of slicesOf(level)) this.#findIn(part, isOwn, here);
      // what is not quoted is there at one level, what is at the next ones too
      for (const [owner, characters] of here) found.set(owner, Math.max(characters, found.get(owner) ?? 0));
    }
    const names = new Map<string, number>();
    for (const [owner, characters] of found) {
      const name = this.#sources.get(owner)?.name ?? "";
      names.set(name, (names.get(name) ?? 0) + characters);
    }
    return [...names].map(([name, characters]) => ({ name, characters })).sort((a, b) => b.characters - a.characters);
  }

  size() {
    return { texts: this.#sources.size, octets: this.#octets, table: this.#passages.octets };
  }

  /** False where not all of it found room. */
  #enter(octets: Uint8Array, owner: number): boolean {
    let left = octets.length * passagesAnOctet;
    for (const hash of this.#hashesOf(octets)) {
      let put = this.#passages.put(hash, owner);
      if (put === "full") {
        // seldom, for a table is made anew for it: so half of what is there
        if (this.#bounds.full === "oldest") this.#halve(owner);
        put = this.#passages.put(hash, owner);
      }
      // the same at another level of quoting takes no room
      if (put === "kept") left -= 1;
      if (put === "full" || left < 0) return false;
    }
    return true;
  }

  *#hashesOf(octets: Uint8Array): Generator<number> {
    const page = pageText(Buffer.from(octets).toString());
    for (const text of page === undefined ? [octets] : [octets, Buffer.from(page)])
      for (const level of levelsOf(text)) {
        const kept: number[] = [];
        eachWindow(level, this.#keyed, ({ kept: { hashes, count } }) => {
          for (const hash of hashes.subarray(0, count)) kept.push(hash);
        });
        yield* kept;
      }
  }

  #findIn(octets: Uint8Array, isOwn: (hash: number) => boolean, found: Map<number, number>): void {
    const { hashes, places, count } = readLines(octets, this.#keyed).kept;
    const owners: number[] = [];
    let stretch = openStretch();
    for (let which = 0; which < count; which += 1) {
      const [hash, place] = [hashes[which] ?? 0, places[which] ?? 0];
      const known = this.#passages.find(hash, owners);
      if (known === 0 || isOwn(hash)) continue;
      if (place - stretch.last > apart) {
        this.#close(stretch, found);
        stretch = openStretch();
      }
      extend(stretch, { hash, place, owners: owners.slice(0, known) });
    }
    this.#close(stretch, found);
  }

  /** To whoever brought most of it, if it is enough. */
  #close({ passages, covered, votes }: Stretch, found: Map<number, number>): void {
    const [most] = [...votes].sort((a, b) => b[1] - a[1] || a[0] - b[0]);
    if (most === undefined) return;
    const [owner] = most;
    const least = this.#sources.get(owner)?.code === true ? evidence.code : evidence.text;
    if (passages.size >= least.passages && covered >= least.octets) found.set(owner, (found.get(owner) ?? 0) + covered);
  }

  #groupOf(name: string): Group & { readonly number: number } {
    const known = this.#groups.get(name);
    if (known !== undefined) return known;
    const group = { owners: new Set<number>(), octets: 0, number: this.#nextGroup };
    this.#nextGroup += 1;
    this.#groups.set(name, group);
    this.#byNumber.set(group.number, name);
    return group;
  }

  #makeRoom(named: string, octets: number): boolean {
    const { full, octets: most } = this.#bounds;
    if (full === "oldest") this.#makeRoomIn(named, octets);
    while (this.#octets + octets > most || this.#sources.size >= mostSources)
      if (full === "refuse" || !this.#pushOut(0)) return false;
    return true;
  }

  #makeRoomIn(named: string, octets: number): void {
    const { owners = [] } = this.#groups.get(named) ?? {};
    for (const owner of owners) {
      if ((this.#groups.get(named)?.octets ?? 0) + octets <= groupOctets) return;
      this.#drop(owner);
    }
  }

  #halve(owner: number): void {
    const half = this.#octets / 2;
    while (this.#octets > half) if (!this.#pushOut(owner)) return;
  }

  /** Of the group that has most, the oldest, but never this one. */
  #pushOut(owner: number): boolean {
    const groups = [...this.#groups.values()].sort((a, b) => b.octets - a.octets);
    for (const { owners } of groups)
      for (const each of owners)
        if (each !== owner) {
          this.#drop(each);
          return true;
        }
    return false;
  }

  #drop(owner: number): void {
    const source = this.#sources.get(owner);
    if (source === undefined) return;
    const name = this.#byNumber.get(source.group) ?? "";
    const group = this.#groups.get(name);
    this.#sources.delete(owner);
    this.#octets -= source.octets;
    if (group === undefined) return;
    group.owners.delete(owner);
    group.octets -= source.octets;
    if (group.owners.size > 0) return;
    this.#groups.delete(name);
    this.#byNumber.delete(source.group);
  }
}

/** Passages near each other in a text, whoever brought them: who mixes two sources hides neither. */
interface Stretch {
  readonly passages: Set<number>;
  readonly votes: Map<number, number>;
  covered: number;
  last: number;
  end: number;
}

const openStretch = (): Stretch => ({
  passages: new Set(),
  votes: new Map(),
  covered: 0,
  last: Number.NEGATIVE_INFINITY,
  end: 0,
});

interface Known {
  readonly hash: number;
  readonly place: number;
  readonly owners: readonly number[];
}

function extend(stretch: Stretch, { hash, place, owners }: Known): void {
  stretch.passages.add(hash);
  const end = place + passage;
  stretch.covered += end - Math.max(place, stretch.end);
  [stretch.last, stretch.end] = [place, end];
  for (const owner of owners) stretch.votes.set(owner, (stretch.votes.get(owner) ?? 0) + 1);
}

/** Each with the end of the one before; memory does not grow with the text. */
function* slicesOf(octets: Uint8Array): Generator<Uint8Array> {
  for (let from = 0; from < octets.length; from += slice - seam) {
    yield octets.subarray(from, from + slice);
    if (from + slice >= octets.length) return;
  }
}
