// Small files of the state directory: text enters and is durable and whole, or the old text is; text leaves. Everything
// is 0600. Reading refuses what is larger than such a file can be.

import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { smallFileBytes } from "./limits.ts";

export function makeDirectory(path: string): void {
  mkdirSync(path, { recursive: true, mode: 0o700 });
}

/** The text, or undefined where there is no such file; throws what the system says otherwise. */
export function readSmallFile(path: string): string | undefined {
  const size = statSync(path, { throwIfNoEntry: false })?.size;
  if (size === undefined) return undefined;
  if (size > smallFileBytes) throw new Error(`${path} is larger than such a file can be`);
  return readFileSync(path, "utf8");
}

/** Replaces the file in one step; only ever called under the record's lock, so the neighbour's name is ours alone. */
export function writeSmallFile(path: string, text: string): void {
  const next = `${path}.next`;
  const file = openSync(next, "w", 0o600);
  try {
    writeFileSync(file, text);
  } finally {
    closeSync(file);
  }
  takePlace(next, path);
}

/** What is whole beside a file becomes it, in one step, and is durable then. */
export function takePlace(next: string, path: string): void {
  syncFile(next);
  renameSync(next, path);
  syncFile(path.slice(0, path.lastIndexOf("/")));
}

/** Makes what is in a file durable; of a directory, its names. */
export function syncFile(path: string): void {
  const file = openSync(path, "r");
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** Which file lies there now; undefined where none does. */
export function identityOf(path: string): string | undefined {
  const stat = statSync(path, { throwIfNoEntry: false, bigint: true });
  return stat === undefined ? undefined : `${stat.dev}:${stat.ino}`;
}

/** Changes whenever the file is replaced. */
export function stampOf(path: string): string | undefined {
  const stat = statSync(path, { throwIfNoEntry: false, bigint: true });
  return stat === undefined ? undefined : `${stat.ino}:${stat.mtimeNs}:${stat.size}`;
}
