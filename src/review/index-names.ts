// Which names git's index holds (gitformat-index(5)), and whether one leads out of the working tree: git looks at a name when
// it adds it, not when it reads it again, so that an index somebody wrote by hand has `git restore .` write where it says.
// Enters: the file's bytes, *attacker-controlled*. What git would read otherwise than we do counts as unreadable.

import { isGitName } from "./git-directory.ts";
import { nameOf } from "./raw-names.ts";

/** Bytes of an object's name: SHA-1 or SHA-256. Nothing in the file says which. */
export type HashLength = 20 | 32;

/** Most names: printable ASCII, and no part that begins as one that counts. */
const plain = /^(?!.*(?:^|\/)(?:[ ./]|git~|$))[ -~]+$/i;

/** A name git would not have added: it leaves the working tree, or means a git directory. */
export function isStray(name: string): boolean {
  if (plain.test(name)) return false;
  return name.split("/").some((part) => part === "" || part === "." || part === ".." || isGitName(part));
}

/** The first such name, or that it cannot be read; undefined: there is none. */
export function strayIn(bytes: Buffer, hash: HashLength): string | undefined {
  const own = readNames(bytes, hash);
  if (own === undefined) return "it cannot be read";
  // by chance no file reads both ways
  const names = [...own, ...(readNames(bytes, hash === 20 ? 32 : 20) ?? [])];
  const stray = names.find(isStray);
  return stray === undefined ? undefined : `it names ${JSON.stringify(stray)}`;
}

/** All of them; undefined where it cannot be read. */
export function namesIn(bytes: Buffer, hash: HashLength): readonly string[] | undefined {
  return readNames(bytes, hash)?.filter((name) => !isStray(name));
}

interface Read {
  readonly name: Buffer;
  /** Where the next one begins. */
  readonly end: number;
  /** Nothing of it is the name before's. */
  readonly whole: boolean;
}

/** Names as git has them, a sparse directory's without its last slash; undefined where it is not as git writes it. */
function readNames(bytes: Buffer, hash: HashLength): readonly string[] | undefined {
  if (bytes.length < 12 + hash || bytes.toString("latin1", 0, 4) !== "DIRC") return undefined;
  const [version, count] = [bytes.readUInt32BE(4), bytes.readUInt32BE(8)];
  if (version < 2 || version > 4 || count > bytes.length / (40 + hash)) return undefined;
  const end = bytes.length - hash;
  const names: string[] = [];
  const starts = new Map<number, number>();
  const isTabled = bytes.includes("IEOT");
  let at = 12;
  let before: Buffer = Buffer.alloc(0);
  for (let nth = 0; nth < count; nth += 1) {
    const entry = readEntry(bytes, { at, end, hash, version, before });
    if (entry === undefined) return undefined;
    if (isTabled && entry.whole) starts.set(at, nth);
    const directory = (bytes.readUInt32BE(at + 24) & 0o170000) === 0o040000;
    const name = nameOf(entry.name);
    // a split index leaves out the names of what replaces an entry of the other
    if (name !== "") names.push(directory && name.endsWith("/") ? name.slice(0, -1) : name);
    at = entry.end;
    before = entry.name;
  }
  starts.set(at, count);
  return areExtensionsPlain(bytes, { at, end, hash, starts, count }) ? names : undefined;
}

interface Place {
  readonly at: number;
  readonly end: number;
  readonly hash: HashLength;
}

/** read-cache.c, create_from_disk: forty bytes of times and numbers, the object, flags, the name. */
function readEntry(
  bytes: Buffer,
  { at, end, hash, version, before }: Place & { readonly version: number; readonly before: Buffer },
): Read | undefined {
  if (at + 40 + hash + 2 > end) return undefined;
  const flags = bytes.readUInt16BE(at + 40 + hash);
  let start = at + 40 + hash + ((flags & 0x4000) === 0 ? 2 : 4);
  let kept = 0;
  if (version === 4) {
    const strip = readVariable(bytes, start, end);
    if (strip === undefined || strip.value > before.length) return undefined;
    [start, kept] = [strip.end, before.length - strip.value];
  }
  const stop = bytes.indexOf(0, start);
  if (stop < 0 || stop >= end) return undefined;
  const rest = bytes.subarray(start, stop);
  const name = kept === 0 ? rest : Buffer.concat([before.subarray(0, kept), rest]);
  // longer names are told by their end alone
  if (Math.min(name.length, 0xfff) !== (flags & 0xfff)) return undefined;
  const length = start - at + name.length;
  const next = version === 4 ? stop + 1 : at + ((length + 8) & ~7);
  return next > end ? undefined : { name, end: next, whole: kept === 0 };
}

/** varint.c, decode_varint. */
function readVariable(bytes: Buffer, start: number, end: number): { value: number; end: number } | undefined {
  let value = 0;
  for (let at = start; at < end && at < start + 4; at += 1) {
    const byte = bytes[at] ?? 0;
    value = at === start ? byte & 0x7f : (value + 1) * 128 + (byte & 0x7f);
    if ((byte & 0x80) === 0) return { value, end: at + 1 };
  }
  return undefined;
}

interface Rest extends Place {
  /** Where entries begin that git may begin with, and which that is. */
  readonly starts: ReadonlyMap<number, number>;
  readonly count: number;
}

/**
 * git reads the entries of a long index in several threads, by two extensions that say where each begins (`EOIE`, `IEOT`): those may
 * lead past what we have read.
 */
function areExtensionsPlain(bytes: Buffer, rest: Rest): boolean {
  const { end, hash } = rest;
  const last = end - 12 - hash;
  if (
    last >= rest.at &&
    bytes.toString("latin1", last, last + 4) === "EOIE" &&
    bytes.readUInt32BE(last + 8) !== rest.at
  )
    return false;
  let at = rest.at;
  while (at + 8 <= end) {
    const [kind, size] = [bytes.toString("latin1", at, at + 4), bytes.readUInt32BE(at + 4)];
    if (at + 8 + size > end || (kind === "IEOT" && !isTable(bytes.subarray(at + 8, at + 8 + size), rest))) return false;
    at += 8 + size;
  }
  return at === end;
}

/** A version, then where each block begins and how many entries it has. */
function isTable(table: Buffer, { starts, count }: Rest): boolean {
  if (table.length < 4 || (table.length - 4) % 8 !== 0) return false;
  let seen = 0;
  for (let at = 4; at < table.length; at += 8) {
    if (starts.get(table.readUInt32BE(at)) !== seen) return false;
    seen += table.readUInt32BE(at + 4);
  }
  return seen === count;
}
