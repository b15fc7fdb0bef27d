// An executed file, open → SHA-256 of its content and, of a script, who interprets it. Remembered by who the file is:
// device, inode, size, times of modification and of change (no program sets the last one, but what is written through shared
// memory need not move it: so it is remembered where nobody inside can write, and elsewhere of what is large, for this session
// alone). Files may be hundreds of megabytes: what is not known is hashed piece by piece, between which whoever waits is
// looked after.

import { createHash } from "node:crypto";
import { type BigIntStats, closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import { type Digest, parseDigest } from "../../../domain/brand.ts";
import { limits } from "../limits.ts";
import { textOf } from "./names.ts";

export interface Content {
  /** Undefined where the file cannot be read by whoever runs the boundary, changed since it was seen, or is too large. */
  readonly sha256: Digest | undefined;
  /** As the first line names it. *Attacker-controlled.* */
  readonly interpreter: string | undefined;
}

export interface ExecutedFile {
  readonly descriptor: number;
  readonly stats: BigIntStats;
  /** It lies where nobody inside can write. */
  readonly steady: boolean;
}

export interface Digests {
  /** `sure`: it cannot have changed. */
  readonly known: (file: ExecutedFile, sure?: boolean) => Content | undefined;
  /** False where too much waits to be read; what may wait counts until it is released. */
  readonly claim: (stats: BigIntStats) => boolean;
  readonly release: (stats: BigIntStats) => void;
  /** Yields after each piece. `since`: milliseconds, when it was seen so. */
  readonly compute: (file: ExecutedFile, since: number) => Generator<void, Content>;
  /** Of large files hashed since the last call, by who they are. */
  readonly learnt: () => readonly (readonly [string, Digest])[];
}

/** `remembered`: from earlier sessions; never of scripts. */
export function openDigests(remembered: Iterable<readonly [string, Digest]>): Digests {
  const kept = new Map<string, Content>();
  for (const [key, sha256] of remembered) kept.set(key, { sha256, interpreter: undefined });
  let learnt: (readonly [string, Digest])[] = [];
  const waiting = openWaiting();
  const keep = ({ stats, steady }: ExecutedFile, content: Content): void => {
    if (isFresh(stats) || (!steady && stats.size <= limits.hashedFirst)) return;
    const key = identityOf(stats);
    kept.set(key, content);
    for (const oldest of kept.keys()) if (kept.size > limits.digests) kept.delete(oldest);
    const { sha256, interpreter } = content;
    if (steady && stats.size >= limits.digestBytes && sha256 !== undefined && interpreter === undefined)
      learnt.push([key, sha256]);
  };
  return {
    known: ({ stats, steady }, sure = false) => (sure && !steady ? undefined : kept.get(identityOf(stats))),
    ...waiting,
    compute: function* (file, since) {
      const { descriptor, stats } = file;
      // many may wait for one file that changed meanwhile: none of it is read again
      if (isChanged(descriptor, stats, since)) return { sha256: undefined, interpreter: readInterpreter(descriptor) };
      const content = yield* hash(descriptor, Number(stats.size));
      if (isChanged(descriptor, stats, since)) return { ...content, sha256: undefined };
      keep(file, content);
      return content;
    },
    learnt: () => {
      const news = learnt;
      learnt = [];
      return news;
    },
  };
}

/** What waits to be read, each file once. */
function openWaiting(): Pick<Digests, "claim" | "release"> {
  const holders = new Map<string, number>();
  let bytes = 0;
  return {
    claim: (stats) => {
      const [key, size] = [identityOf(stats), Number(stats.size)];
      const held = holders.get(key) ?? 0;
      if (held === 0 && bytes + size > limits.hashedLater) return false;
      if (held === 0) bytes += size;
      holders.set(key, held + 1);
      return true;
    },
    release: (stats) => {
      const key = identityOf(stats);
      const left = (holders.get(key) ?? 0) - 1;
      if (left > 0) holders.set(key, left);
      else if (holders.delete(key)) bytes -= Number(stats.size);
    },
  };
}

function identityOf({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): string {
  return [dev, ino, size, mtimeNs, ctimeNs].join(":");
}

/** Changed again within one tick of the kernel's clock, it would look the same. */
function isFresh({ ctimeNs }: BigIntStats): boolean {
  return Date.now() - Number(ctimeNs / 1_000_000n) < limits.freshMs;
}

/** Also where nobody can tell: a file that had just been changed when it was seen bears the same time after another change. */
function isChanged(descriptor: number, stats: BigIntStats, since: number): boolean {
  if (identityOf(fstatSync(descriptor, { bigint: true })) !== identityOf(stats)) return true;
  return stats.size > limits.hashedFirst && since - Number(stats.ctimeNs / 1_000_000n) < limits.tickMs;
}

/** Of the size it had: it may grow as fast as it is read. */
function* hash(place: number, size: number): Generator<void, Content> {
  const descriptor = openToRead(place);
  if (descriptor === undefined) return { sha256: undefined, interpreter: undefined };
  const sum = createHash("sha256");
  const piece = Buffer.allocUnsafe(limits.hashBytes);
  let interpreter: string | undefined;
  try {
    for (let at = 0; at < size; ) {
      const length = readSync(descriptor, piece, 0, Math.min(piece.length, size - at), at);
      if (length === 0) break;
      if (at === 0) interpreter = parseInterpreter(piece.subarray(0, Math.min(length, limits.shebangBytes)));
      sum.update(piece.subarray(0, length));
      at += length;
      yield;
    }
    return { sha256: parseDigest(sum.digest("hex")), interpreter };
  } catch {
    return { sha256: undefined, interpreter };
  } finally {
    closeSync(descriptor);
  }
}

/** A script's interpreter; undefined where it is no script, or cannot be read. */
export function readInterpreter(place: number): string | undefined {
  const descriptor = openToRead(place);
  if (descriptor === undefined) return undefined;
  const line = Buffer.alloc(limits.shebangBytes);
  try {
    return parseInterpreter(line.subarray(0, readSync(descriptor, line, 0, line.length, 0)));
  } catch {
    return undefined;
  } finally {
    closeSync(descriptor);
  }
}

function openToRead(place: number): number | undefined {
  try {
    return openSync(`/proc/self/fd/${place}`, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch {
    return undefined;
  }
}

/** `#!`, blanks, a path up to the next blank or line end: fs/binfmt_script.c. */
export function parseInterpreter(bytes: Buffer): string | undefined {
  if (bytes[0] !== 0x23 || bytes[1] !== 0x21) return undefined;
  const [line = ""] = bytes.toString("latin1", 2).split("\n");
  const [, path] = /^[ \t]*([^ \t\0]+)/.exec(line) ?? [];
  return path === undefined ? undefined : textOf(Buffer.from(path, "latin1"));
}
