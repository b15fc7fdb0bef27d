// An executed file, open → SHA-256 of its content and, of a script, who interprets it. Remembered by who the file is:
// device, inode, size, times of modification and of change (no program sets the last one). Files may be hundreds of
// megabytes: what is not known is hashed piece by piece, between which whoever waits is looked after.

import { createHash } from "node:crypto";
import { type BigIntStats, closeSync, constants, openSync, readSync } from "node:fs";
import { type Digest, parseDigest } from "../../../domain/brand.ts";
import { limits } from "../limits.ts";

export interface Content {
  /** Undefined where the file cannot be read by whoever runs the boundary. */
  readonly sha256: Digest | undefined;
  /** As the first line names it. *Attacker-controlled.* */
  readonly interpreter: string | undefined;
}

export interface Digests {
  readonly known: (stats: BigIntStats) => Content | undefined;
  /** Yields after each piece. */
  readonly compute: (descriptor: number, stats: BigIntStats) => Generator<void, Content>;
  /** Of large files hashed since the last call, by who they are. */
  readonly learnt: () => readonly (readonly [string, Digest])[];
}

/** `remembered`: from earlier sessions; never of scripts. */
export function openDigests(remembered: Iterable<readonly [string, Digest]>): Digests {
  const kept = new Map<string, Content>();
  for (const [key, sha256] of remembered) kept.set(key, { sha256, interpreter: undefined });
  let learnt: (readonly [string, Digest])[] = [];
  const keep = (stats: BigIntStats, content: Content): void => {
    if (isFresh(stats)) return;
    const key = identityOf(stats);
    kept.set(key, content);
    for (const oldest of kept.keys()) if (kept.size > limits.digests) kept.delete(oldest);
    const { sha256, interpreter } = content;
    if (stats.size >= limits.digestBytes && sha256 !== undefined && interpreter === undefined)
      learnt.push([key, sha256]);
  };
  return {
    known: (stats) => kept.get(identityOf(stats)),
    compute: function* (descriptor, stats) {
      const content = yield* hash(descriptor);
      keep(stats, content);
      return content;
    },
    learnt: () => {
      const news = learnt;
      learnt = [];
      return news;
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

function* hash(place: number): Generator<void, Content> {
  const descriptor = openToRead(place);
  if (descriptor === undefined) return { sha256: undefined, interpreter: undefined };
  const sum = createHash("sha256");
  const piece = Buffer.allocUnsafe(limits.hashBytes);
  let interpreter: string | undefined;
  try {
    for (let at = 0; ; ) {
      const length = readSync(descriptor, piece, 0, piece.length, at);
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
  return path === undefined ? undefined : Buffer.from(path, "latin1").toString();
}
