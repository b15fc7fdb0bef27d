// Finds → chains: what of one file stands in the text in the file's own order. Where several files have the same lines the longest
// chain takes them, so a head that a hundred files share is given to the one that goes on. A chain that has too little is chance.

import type { Find, Passage } from "./align.ts";
import { Claims, taken, taking } from "./claims.ts";
import { alsoNamed, apart, leastOctets, openChains, passage as passageOctets, plentyOctets } from "./limits.ts";
import type { Lines } from "./lines.ts";
import type { Known, Reading } from "./reading.ts";
import { hashAt } from "./shelf.ts";

export interface Chain {
  readonly file: number;
  readonly finds: readonly Find[];
  /** Files that hold the very same. */
  readonly also: number[];
}

interface Weighed {
  readonly file: number;
  readonly finds: Find[];
  weight: number;
}

/** The chains that say something, each line of the text in one of them. */
export function chainFinds(reading: Reading, lines: Lines, finds: readonly Find[]): readonly Chain[] {
  const path = ({ file }: Weighed): string => reading.files[file]?.path ?? "";
  const chains = begunChains(lines, mayCount(reading, lines, finds))
    .filter((chain) => maySay(chain, reading.files[chain.file]))
    .sort(
      (a, b) =>
        b.weight - a.weight ||
        a.finds.length - b.finds.length ||
        (path(a) < path(b) ? -1 : path(a) > path(b) ? 1 : firstOf(a) - firstOf(b)),
    );
  if (chains.length === 0) return [];
  const claims = new Claims(lines);
  const kept: Chain[] = [];
  const whole = new Map<string, Chain>();
  for (const chain of chains) {
    const left = unclaimed(lines, chain.finds, claims);
    const known = reading.files[chain.file];
    const name = `${chain.weight} ${firstOf(chain)}`;
    if (left.length === 0) {
      const also = whole.get(name)?.also;
      if (also !== undefined && also.length < alsoNamed) also.push(chain.file);
      continue;
    }
    const keeps = known !== undefined && says(reading, lines, known, left);
    for (const find of left) claims.claim(find, keeps ? taken : 0);
    if (!keeps) continue;
    const keep: Chain = { file: chain.file, finds: left, also: [] };
    kept.push(keep);
    if (!whole.has(name)) whole.set(name, keep);
  }
  return kept;
}

/** Of each file, what its finds in this text weigh at most; nothing where none is being looked at. */
const weights: number[] = [];

/** Without those of files that have too little for any chain: most of what is not from here. */
function mayCount(reading: Reading, lines: Lines, finds: readonly Find[]): readonly Find[] {
  while (weights.length < reading.files.length) weights.push(0);
  for (const find of finds) weights[find.file] = (weights[find.file] ?? 0) + mostOf(lines, reading, find);
  const left = finds.filter(({ file }) => (weights[file] ?? 0) >= leastOctets);
  for (const { file } of finds) weights[file] = 0;
  return left;
}

/** What is weighed of it, or more: as much as it is of all of its file's lines. */
function mostOf({ starts }: Lines, { files }: Reading, { file, at, count, alike, passages }: Find): number {
  if (!alike) return (passages.length * passageOctets) / 2;
  const share = count / (files[file]?.plain ?? 1);
  return Math.max((starts[at + count] ?? 0) - (starts[at] ?? 0), Math.ceil(leastOctets * share));
}

const firstOf = ({ finds }: Weighed): number => finds[0]?.at ?? 0;

function begunChains(lines: Lines, finds: readonly Find[]): Weighed[] {
  const all: Weighed[] = [];
  const open = new Map<number, Weighed[]>();
  // a find is begun by its first passage, but reaches up from there
  for (const find of finds.toSorted((a, b) => a.at - b.at || a.line - b.line)) {
    const begun = open.get(find.file) ?? [];
    open.set(find.file, begun);
    let chain = nearest(begun, find);
    if (chain === undefined) {
      chain = { file: find.file, finds: [], weight: 0 };
      all.push(chain);
      begun.push(chain);
      if (begun.length > openChains) begun.shift();
    }
    chain.finds.push(find);
    chain.weight += weigh(lines, find);
  }
  return all;
}

/** The chain this goes on with, at the least change of distance. */
function nearest(begun: readonly Weighed[], find: Find): Weighed | undefined {
  let best: Weighed | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const chain of begun) {
    const last = chain.finds.at(-1);
    if (last === undefined) continue;
    const inText = find.at - last.at - last.count;
    const inFile = find.line - last.line - last.count;
    if (inText < -1 || inFile < -1 || inText > apart || inFile > apart) continue;
    const change = Math.abs(inText - inFile);
    if (change >= least) continue;
    least = change;
    best = chain;
  }
  return best;
}

function weigh({ starts }: Lines, { alike, at, count, passages }: Find): number {
  if (!alike) return coveredBy(passages) / 2;
  return (starts[at + count] ?? 0) - (starts[at] ?? 0);
}

/**
 * What no heavier chain has: runs of lines, cut where another has them, and passages. Within the chain likewise, the longest find
 * first, so that a passage a file has twice is not seen in both places.
 */
function unclaimed(lines: Lines, finds: readonly Find[], claims: Claims): Find[] {
  const left: Find[] = [];
  const heaviest = finds.length === 1 ? finds : finds.toSorted((a, b) => weigh(lines, b) - weigh(lines, a));
  for (const find of heaviest) {
    const parts = find.alike ? freeRuns(lines, find, claims) : freePassages(find, claims);
    for (const part of parts) {
      claims.claim(part, taking);
      left.push(part);
    }
  }
  return left.sort((a, b) => a.at - b.at || a.line - b.line);
}

function freePassages(find: Find, claims: Claims): Find[] {
  const passages = find.passages.filter(({ octet }) => !claims.isClaimed(octet, octet + passageOctets));
  return passages.length === 0 ? [] : [{ ...find, passages }];
}

function freeRuns({ starts }: Lines, find: Find, claims: Claims): Find[] {
  const runs: Find[] = [];
  const end = find.at + find.count;
  for (let from = find.at; from < end; ) {
    let to = from;
    while (to < end && claims.isFree(to)) to += 1;
    // only blank lines are left of it
    if ((starts[from] ?? 0) < (starts[to] ?? 0)) runs.push(part(find, from, to));
    from = to + 1;
  }
  return runs;
}

function part(find: Find, from: number, to: number): Find {
  if (from === find.at && to === find.at + find.count) return find;
  const passages = find.passages.filter(({ at }) => at >= from && at < to);
  return { ...find, at: from, line: find.line + from - find.at, count: to - from, passages };
}

/** Whatever no other chain takes of it. Most chains of what is not from here are one passage. */
function maySay({ weight, finds }: Weighed, known: Known | undefined): boolean {
  if (weight >= leastOctets) return true;
  const alike = finds.reduce((sum, find) => sum + (find.alike ? find.count : 0), 0);
  return alike >= (known?.plain ?? 0);
}

/**
 * What is no chance: two different passages within five lines, or three, and octets enough that idioms and addresses have not as
 * many; or one passage and all of the file.
 */
function says({ pieces }: Reading, { starts }: Lines, { plain }: Known, finds: readonly Find[]): boolean {
  const passages = new Map<number, Passage>();
  let alike = 0;
  let octets = 0;
  for (const find of finds) {
    for (const passage of find.passages) passages.set(passage.hash, passage);
    if (!find.alike) {
      octets += coveredBy(find.passages) / 2;
      continue;
    }
    octets += (starts[find.at + find.count] ?? 0) - (starts[find.at] ?? 0);
    for (let line = find.line; line < find.line + find.count; line += 1) if (hashAt(pieces, line) !== 0) alike += 1;
  }
  if (passages.size > 0 && alike === plain) return true;
  if (alike >= 8 && octets >= plentyOctets) return true;
  if (octets < leastOctets) return false;
  return passages.size >= 3 || areNear([...passages.values()]);
}

function areNear([first, second]: readonly Passage[]): boolean {
  return first !== undefined && second !== undefined && Math.abs(first.line - second.line) < 5;
}

/** Octets of the text in these passages, which come in its order. */
function coveredBy(passages: readonly Passage[]): number {
  let covered = 0;
  let end = 0;
  for (const { octet } of passages) {
    covered += octet + passageOctets - Math.max(end, octet);
    end = octet + passageOctets;
  }
  return covered;
}
