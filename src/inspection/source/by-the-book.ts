// What the kernel makes of a text, by docs/spec/source-fingerprints.md and as slowly as that: for tests alone.

import { type Keyed, mixed } from "./keyed.ts";
import { passage, reach } from "./limits.ts";

export interface Read {
  /** All lines' normalised octets. */
  readonly plain: Buffer;
  /** Of each line, and one more: where its normalised octets begin. */
  readonly starts: readonly number[];
  readonly hashes: readonly number[];
  readonly shapes: readonly number[];
  readonly marked: readonly number[];
  readonly passages: readonly { readonly hash: number; readonly place: number; readonly line: number }[];
}

export function readByTheBook(octets: Uint8Array, keyed: Keyed): Read {
  const rows = Buffer.from(octets).toString("latin1").split("\n");
  if (rows.at(-1) === "") rows.pop();
  const rests = rows.map(takeOff);
  const plains = rests.map((rest) => plainOf(rest));
  const starts = [0];
  for (const plain of plains) starts.push((starts.at(-1) ?? 0) + plain.length);
  const plain = Buffer.from(plains.join(""), "latin1");
  let line = 0;
  return {
    plain,
    starts,
    hashes: plains.map((each) => hashOf(each, keyed)),
    shapes: rows.map(shapeOf),
    marked: rows.map((row, at) => (row.endsWith("\0") ? 2 : isMarked(row, rests[at] ?? "") ? 1 : 0)),
    passages: keptOf(plain, keyed).map((place) => {
      while ((starts[line + 1] ?? 0) <= place) line += 1;
      return { hash: mixed(orderOf(plain, place, keyed) ^ keyed.seed), place, line };
    }),
  };
}

const blanks = /[\t\v-\r ]*/y;
/** Number; letter; path; difference or quote: of each where it goes on, and `at` where it does not. */
const before: readonly ((row: string, at: number) => number)[] = [
  (row, at) => behind(/\d{1,9}(?:[\t:|-]| *(?:\||\xe2\x86\x92|\xe2\x94\x82))/y, row, at),
  (row, at) => behind(/L\d{1,9}:/y, row, at),
  behindPath,
  (row, at) => behind(/[+>-]/y, row, at),
];

function behind(pattern: RegExp, row: string, at: number): number {
  pattern.lastIndex = at;
  return at + (pattern.exec(row)?.[0].length ?? 0);
}

/** A path of less than 512 octets, and its line's number behind the first of `.` and `/`. */
function behindPath(row: string, at: number): number {
  const word = behind(/(?![\0-\x20"'`])[^\t-\r ]{0,522}/y, row, at);
  const path = row.slice(at, word);
  const first = path.search(/[./]/);
  const number = /([:-])\d{1,9}\1/g;
  number.lastIndex = first + 1;
  const found = first < 0 ? null : number.exec(path);
  return found === null || found.index >= 512 ? at : at + found.index + found[0].length;
}

function takeOff(row: string): string {
  let at = behind(blanks, row, 0);
  for (let next = -1; next !== at; ) {
    if (next >= 0) at = behind(blanks, row, next);
    next = before.map((each) => each(row, at)).find((each) => each > at) ?? at;
  }
  return row.slice(at);
}

const plainOf = (text: string): string =>
  text.replaceAll(/[\0\t-\r ]/g, "").replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase());

const isMarked = (row: string, rest: string): boolean => /[^\0\t-\r ]/.test(row.slice(0, row.length - rest.length));

function hashOf(plain: string, { letters, seed }: Keyed): number {
  let hash = seed;
  for (const octet of Buffer.from(plain, "latin1")) hash = Math.imul(hash, 0x01000193) ^ (letters[octet] ?? 0);
  return plain === "" ? 0 : mixed(hash ^ seed) & 0xffff || 1;
}

/** A row, or what of it stands behind something. */
export function shapeOf(row: string): number {
  const text = row.replace(/\r+$/, "");
  const sum = Buffer.from(text, "latin1").reduce((all, octet, at) => all + (octet << (at & 3)), text.length);
  return mixed(sum) & 0xff;
}

const rotate = (number: number, by: number): number => (number << by) | (number >>> (32 - by));

function orderOf(plain: Buffer, place: number, { octets }: Keyed): number {
  let rolled = 0;
  for (let at = place; at < place + passage; at += 1) rolled = rotate(rolled, 1) ^ (octets[plain[at] ?? 0] ?? 0);
  const mixing = Math.imul(rolled ^ (rolled >>> 15), 0x2c1b3c6d);
  return mixing ^ (mixing >>> 13);
}

/** Of each window its least; one that was kept stays while it is in reach and none is less. */
function keptOf(plain: Buffer, keyed: Keyed): readonly number[] {
  const orders = new Int32Array(Math.max(0, plain.length - passage + 1)).map((_, at) => orderOf(plain, at, keyed));
  const kept: number[] = [];
  let least = -1;
  for (let end = Math.min(reach, orders.length) - 1; end >= 0 && end < orders.length; end += 1) {
    const from = Math.max(0, end - reach + 1);
    let lowest = from;
    // the first of equals, but the last where one has left
    for (let at = from; at <= end; at += 1) {
      const [order, before] = [orders[at] ?? 0, orders[lowest] ?? 0];
      if (order < before || (least >= 0 && order === before)) lowest = at;
    }
    if (least >= from && orders[least] === orders[lowest]) continue;
    least = lowest;
    if (!repeats(plain.subarray(least, least + passage))) kept.push(least);
  }
  return kept;
}

const repeats = (octets: Buffer): boolean =>
  [3, 4].some((by) => octets.subarray(by).equals(octets.subarray(0, passage - by)));
