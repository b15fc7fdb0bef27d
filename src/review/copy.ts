// Copies and removes a file, link or directory tree without following a link: for quarantine across file systems, for a
// private copy's git directories. Enters: paths whose content is *attacker-controlled*. Sockets, fifos and devices are not
// copied; permissions and times of files are kept.

import {
  chmodSync,
  closeSync,
  constants,
  copyFileSync,
  fstatSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  openSync,
  readdirSync,
  readlinkSync,
  rmSync,
  type Stats,
  symlinkSync,
  writeSync,
} from "node:fs";
import { Fault } from "../domain/fault.ts";
import { limits } from "./limits.ts";
import { kernelPath, nameOf } from "./raw-names.ts";

/** O_PATH, asm-generic/fcntl.h; Node has no name for it. */
const pathOnly = 0o10000000;

export interface CopyChoice {
  /** Left out, by its path from the top; with what is below it. */
  readonly skip?: (path: string) => boolean;
  /** What is there already stays, directories are joined. */
  readonly join?: boolean;
  /** Told of what could not be copied, and the rest is; undefined: that ends it. */
  readonly missed?: (path: string, why: string) => void;
  /** Entries in all; undefined: as many as quarantine takes. */
  readonly bound?: number;
}

/** Throws where something is in the way or a bound is met; what was copied so far stays for the caller to remove. */
export function copyTree(from: string, to: string, choice: CopyChoice = {}): void {
  copy({ from, to, path: "" }, choice, { left: choice.bound ?? limits.copiedEntries });
}

interface Pair {
  readonly from: string;
  readonly to: string;
  readonly path: string;
}

function copy({ from, to, path }: Pair, choice: CopyChoice, budget: { left: number }): void {
  budget.left -= 1;
  if (budget.left < 0) throw new Fault({ code: "copy", message: "too many files to copy" });
  const stats = lstatSync(kernelPath(from));
  const there = choice.join === true ? lstatSync(kernelPath(to), { throwIfNoEntry: false }) : undefined;
  if (there !== undefined && !(there.isDirectory() && stats.isDirectory())) return;
  if (stats.isSymbolicLink()) symlinkSync(readlinkSync(kernelPath(from), { encoding: "buffer" }), kernelPath(to));
  else if (stats.isFile()) copyFile(from, to, stats);
  else if (stats.isDirectory()) {
    if (path.split("/").length > limits.walkDepth)
      throw new Fault({ code: "copy", message: "directories nested too deep" });
    if (there === undefined) mkdirSync(kernelPath(to), { mode: 0o700 });
    copyDirectory({ from, to, path }, choice, budget);
  }
}

/** Each directory is held open, both sides: a tool that still works there could put a link in its place at any moment. */
function copyDirectory({ from, to, path }: Pair, choice: CopyChoice, budget: { left: number }): void {
  const source = openSync(kernelPath(from), constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
  try {
    const target = openSync(kernelPath(to), pathOnly | constants.O_DIRECTORY | constants.O_NOFOLLOW);
    try {
      const [here, there] = [source, target].map((descriptor) => `/proc/self/fd/${descriptor}`);
      for (const name of readdirSync(`${here}/.`, { encoding: "buffer" }).map(nameOf)) {
        const below = path === "" ? name : `${path}/${name}`;
        if (choice.skip?.(below) !== true)
          copyEntry({ from: `${here}/${name}`, to: `${there}/${name}`, path: below }, choice, budget);
      }
      const { mode, atimeMs, mtimeMs } = fstatSync(source);
      chmodSync(`${there}/.`, mode & 0o777);
      lutimesSync(`${there}/.`, atimeMs / 1000, mtimeMs / 1000);
    } finally {
      closeSync(target);
    }
  } finally {
    closeSync(source);
  }
}

function copyEntry(pair: Pair, choice: CopyChoice, budget: { left: number }): void {
  try {
    copy(pair, choice, budget);
  } catch (error) {
    // what the file system said, or a bound of one place; anything else is a bug
    const local = error instanceof Fault || (error instanceof Error && "syscall" in error);
    // somebody else joins the same tree
    if (choice.join === true && local && "code" in error && error.code === "EEXIST") return;
    if (choice.missed === undefined || budget.left < 0 || !local) throw error;
    choice.missed(pair.path, error.message);
  }
}

/** Sharing blocks where the file system can (FICLONE, ioctl_ficlonerange(2)). */
function copyFile(from: string, to: string, { mode, atimeMs, mtimeMs }: Stats): void {
  const source = openSync(kernelPath(from), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    if (!fstatSync(source).isFile()) throw new Fault({ code: "copy", message: "no longer a file" });
    // the very file that was opened, whatever its name means by now
    copyFileSync(`/proc/self/fd/${source}`, kernelPath(to), constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
    if ((mode & 0o7000) !== 0) withoutSpecialBits(to, mode);
    lutimesSync(kernelPath(to), atimeMs / 1000, mtimeMs / 1000);
  } finally {
    closeSync(source);
  }
}

function withoutSpecialBits(path: string, mode: number): void {
  const place = openSync(kernelPath(path), pathOnly | constants.O_NOFOLLOW);
  try {
    chmodSync(`/proc/self/fd/${place}`, mode & 0o777);
  } finally {
    closeSync(place);
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
