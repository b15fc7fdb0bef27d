// Copies and removes a file, link or directory tree without following a link: for quarantine across file systems.
// Enters: paths whose content is *attacker-controlled*. Sockets, fifos and devices are not copied.

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
  writeSync,
} from "node:fs";
import { limits } from "./limits.ts";

/** Throws where something is in the way or a bound is met; what was copied so far stays for the caller to remove. */
export function copyTree(from: string, to: string): void {
  copy(from, to, { left: limits.copiedEntries });
}

function copy(from: string, to: string, budget: { left: number }): void {
  budget.left -= 1;
  if (budget.left < 0) throw new Error("too many files to copy");
  const stats = lstatSync(from);
  if (stats.isSymbolicLink()) symlinkSync(readlinkSync(from, { encoding: "buffer" }), to);
  else if (stats.isFile()) copyFile(from, to, stats.mode & 0o777);
  else if (stats.isDirectory()) {
    mkdirSync(to, { mode: 0o700 });
    for (const name of readdirSync(from)) copy(`${from}/${name}`, `${to}/${name}`, budget);
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
