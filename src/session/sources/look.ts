// What a file looks like, so that one that looks the same need not be read again: to the nanosecond, and by who it is. A change moves
// `ctime`, which no program inside can put back.

import { type BigIntStats, closeSync, constants, fstatSync, lstatSync, openSync, readSync } from "node:fs";
import { kernelPath } from "../../review/raw-names.ts";

export interface Look {
  readonly isFile: boolean;
  /** Equal for what is the same file, unchanged. */
  readonly mark: string;
  readonly size: number;
  /** Milliseconds: when it was changed last, as far as its times say. */
  readonly changed: number;
}

export function lookAt(path: string): Look | undefined {
  try {
    return lookOf(lstatSync(kernelPath(path), { bigint: true }));
  } catch {
    return undefined;
  }
}

function lookOf(stats: BigIntStats): Look {
  const { mtimeNs, ctimeNs, size, ino, dev } = stats;
  const changed = mtimeNs > ctimeNs ? mtimeNs : ctimeNs;
  return {
    isFile: stats.isFile(),
    mark: [mtimeNs, ctimeNs, size, ino, dev].join(" "),
    size: Number(size),
    changed: Number(changed / 1_000_000n),
  };
}

export interface Read {
  readonly octets: Uint8Array;
  /** Of the very file that was read, before it was. */
  readonly look: Look;
  /** Milliseconds: when that was. */
  readonly when: number;
}

/** A regular file's octets; undefined where it is none, unreadable, or longer than `bound`. */
export function readLooked(path: string, bound: number, now: () => number): Read | undefined {
  let file: number | undefined;
  try {
    file = openSync(kernelPath(path), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    const when = now();
    const look = lookOf(fstatSync(file, { bigint: true }));
    if (!look.isFile || look.size > bound) return undefined;
    const octets = new Uint8Array(look.size + 1);
    let filled = 0;
    for (let read = 1; read > 0 && filled < octets.length; filled += read)
      read = readSync(file, octets, filled, octets.length - filled, null);
    return filled > look.size ? undefined : { octets: octets.subarray(0, filled), look, when };
  } catch {
    return undefined;
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

/** Times are as coarse as two seconds: what was changed in the last of them may be changed again and look the same. */
const coarse = 2_000;
export const isSettled = ({ look, when }: Read): boolean => look.changed < when - coarse;
