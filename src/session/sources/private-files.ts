// Files of the state directory that only its owner reads and writes, and that came whole or not at all: octets enter, octets leave.
// What is somebody else's, may be written by others, is a link, or longer than it can be is as if it were not there.

import { randomBytes } from "node:crypto";
import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  type Stats,
  writeFileSync,
} from "node:fs";

/** How a file is called until it is whole. */
export const unfinished = /\.[0-9a-f]{16}\.next$/;

const isOwn = ({ uid, mode }: Pick<Stats, "uid" | "mode">): boolean =>
  uid === process.geteuid?.() && (mode & 0o077) === 0;

/** Makes it where it is missing; false: there is something else, or somebody else's. */
export function makePrivate(directory: string): boolean {
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    const stats = lstatSync(directory);
    return stats.isDirectory() && isOwn(stats);
  } catch {
    return false;
  }
}

/** In memory of its own. */
export function readPrivate(path: string, bound: number): Uint8Array<ArrayBuffer> | undefined {
  let file: number | undefined;
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    const stats = fstatSync(file);
    if (!stats.isFile() || !isOwn(stats) || stats.nlink !== 1 || stats.size > bound) return undefined;
    const octets = new Uint8Array(stats.size);
    let filled = 0;
    for (let read = 1; read > 0 && filled < octets.length; filled += read)
      read = readSync(file, octets, filled, octets.length - filled, null);
    return filled === octets.length ? octets : undefined;
  } catch {
    return undefined;
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

/** Beside its place, whole; then `place` gives it its name. Throws what the system says. */
export function writePrivate(path: string, octets: Uint8Array, place: (next: string) => void = taking(path)): void {
  const next = `${path}.${randomBytes(8).toString("hex")}.next`;
  try {
    writeFileSync(next, octets, { flag: "wx", mode: 0o600 });
    place(next);
  } catch (error) {
    rmSync(next, { force: true });
    throw error;
  }
}

const taking =
  (path: string) =>
  (next: string): void =>
    renameSync(next, path);
