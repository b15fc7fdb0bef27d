// A path → a file's bytes, bounded. Attacker-controlled names may be pipes, devices or links: nothing but a regular
// file is read, and never more than the bound. A missing file is absent; a link to nothing is a fault, not absence.

import { closeSync, constants, fstatSync, lstatSync, openSync, readSync, realpathSync } from "node:fs";
import { dirname, join, relative } from "node:path";

export type Reading =
  | { readonly kind: "bytes"; readonly bytes: Buffer }
  | { readonly kind: "absent" }
  | { readonly kind: "unreadable"; readonly why: string };

/** At once and in this thread, like all here: a start waits for it, and each turn of the thread pool costs more than a small file. */
export async function readBounded(path: string, most: number): Promise<Reading> {
  try {
    const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      return readOpen(file, most);
    } finally {
      closeSync(file);
    }
  } catch (cause) {
    return isMissing(cause) && !exists(path) ? { kind: "absent" } : { kind: "unreadable", why: reason(cause) };
  }
}

function readOpen(file: number, most: number): Reading {
  const seen = fstatSync(file);
  if (!seen.isFile()) return { kind: "unreadable", why: "is not a regular file" };
  const buffer = Buffer.alloc(Math.min(seen.size, most) + 1);
  let length = 0;
  for (let got = 1; got > 0 && length < buffer.length; length += got) {
    got = readSync(file, buffer, length, buffer.length - length, length);
  }
  if (length > most || seen.size > most) return { kind: "unreadable", why: `is larger than ${most} bytes` };
  return { kind: "bytes", bytes: buffer.subarray(0, length) };
}

function exists(path: string): boolean {
  try {
    lstatSync(path);
    return true;
  } catch (cause) {
    return !isMissing(cause);
  }
}

function isMissing(cause: unknown): boolean {
  return codeOf(cause) === "ENOENT";
}

function reason(cause: unknown): string {
  const words: Readonly<Record<string, string>> = {
    EACCES: "may not be read by this user",
    EPERM: "may not be read by this user",
    ENOENT: "is a link to nothing",
    ELOOP: "is a link to itself",
    ENOTDIR: "lies below something that is no directory",
    ENXIO: "is not a regular file",
  };
  const code = codeOf(cause);
  return words[code] ?? `cannot be read (${code})`;
}

function codeOf(cause: unknown): string {
  return typeof cause === "object" && cause !== null && "code" in cause ? String(cause.code) : "unknown";
}

/** As it would be found on disk: links followed as far as the path exists. */
export async function real(path: string): Promise<string> {
  try {
    return realpathSync.native(path);
  } catch {
    const parent = dirname(path);
    return parent === path ? path : join(await real(parent), relative(parent, path));
  }
}
