// Copies and removes a file, link or directory tree without following a link: for quarantine across file systems, for a
// private copy's git directories. Enters: paths whose content is *attacker-controlled*. Sockets, fifos and devices are not
// copied; permissions and times of files are kept.

import {
  chmodSync,
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readlinkSync,
  readSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeSync,
} from "node:fs";
import { limits } from "./limits.ts";

export interface CopyChoice {
  /** Left out, by its path from the top; with what is below it. */
  readonly skip?: (path: string) => boolean;
  /** What is there already stays, directories are joined. */
  readonly join?: boolean;
}

/** Throws where something is in the way or a bound is met; what was copied so far stays for the caller to remove. */
export function copyTree(from: string, to: string, choice: CopyChoice = {}): void {
  copy({ from, to, path: "" }, choice, { left: limits.copiedEntries });
}

interface Pair {
  readonly from: string;
  readonly to: string;
  readonly path: string;
}

function copy({ from, to, path }: Pair, choice: CopyChoice, budget: { left: number }): void {
  budget.left -= 1;
  if (budget.left < 0) throw new Error("too many files to copy");
  const stats = lstatSync(from);
  const there = choice.join === true ? lstatSync(to, { throwIfNoEntry: false }) : undefined;
  if (there !== undefined && !(there.isDirectory() && stats.isDirectory())) return;
  if (stats.isSymbolicLink()) symlinkSync(readlinkSync(from, { encoding: "buffer" }), to);
  else if (stats.isFile()) {
    copyFile(from, to, stats.mode & 0o777);
    utimesSync(to, stats.atime, stats.mtime);
  } else if (stats.isDirectory()) {
    if (there === undefined) mkdirSync(to, { mode: 0o700 });
    for (const name of readdirSync(from)) {
      const below = path === "" ? name : `${path}/${name}`;
      if (choice.skip?.(below) !== true)
        copy({ from: `${from}/${name}`, to: `${to}/${name}`, path: below }, choice, budget);
    }
    chmodSync(to, stats.mode & 0o777);
  }
}

function copyFile(from: string, to: string, mode: number): void {
  const source = openSync(from, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    if (!fstatSync(source).isFile()) throw new Error("no longer a file");
    const target = openSync(
      to,
      constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW,
      0o600,
    );
    try {
      const buffer = Buffer.allocUnsafe(256 * 1024);
      for (let read = readSync(source, buffer); read > 0; read = readSync(source, buffer))
        writeAll(target, buffer, read);
      fchmodSync(target, mode);
    } finally {
      closeSync(target);
    }
  } finally {
    closeSync(source);
  }
}

/** Writes all of `length` bytes; a single write may take fewer. */
export function writeAll(descriptor: number, bytes: Buffer, length = bytes.length): void {
  for (let done = 0; done < length; ) done += writeSync(descriptor, bytes, done, length - done);
}

/** Gone afterwards, whether or not it was there; links are removed, not followed. */
export function removeTree(path: string): void {
  rmSync(path, { recursive: true, force: true });
}
