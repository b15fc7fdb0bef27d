// One control file as it lay there: who it is (device, inode) and what it says (digest). Enters: a path below a trusted
// root, *attacker-controlled*. Never follows a symbolic link, never waits on a fifo.

import { createHash } from "node:crypto";
import { closeSync, constants, fstatSync, lstatSync, openSync, readlinkSync, readSync, type Stats } from "node:fs";
import { type Digest, parseDigest } from "../domain/brand.ts";
import { limits } from "./limits.ts";

export interface Leaf {
  /** Relative to the workspace. */
  readonly path: string;
  readonly kind: "file" | "symlink" | "other";
  /** The row of the class it fell under. */
  readonly pattern: string;
  readonly device: number;
  readonly inode: number;
  /** Hard links to it; above one, it can be written through another name. */
  readonly links: number;
  readonly size: number;
  readonly mode: number;
  /** Of the content, or of the link's target; undefined where it is too large or could not be read. */
  readonly sha256: Digest | undefined;
  /** Milliseconds. */
  readonly changed: number;
  /** A git configuration's own text, for comparing what it runs. */
  readonly text: string | undefined;
}

/** Undefined where nothing is there any more. */
export function readLeaf(root: string, path: string, pattern: string): Leaf | undefined {
  const full = `${root}/${path}`;
  const stats = statLink(full);
  if (stats === undefined) return undefined;
  const kind = stats.isFile() ? "file" : stats.isSymbolicLink() ? "symlink" : "other";
  const content =
    kind === "file" ? readWhole(full, limits.controlBytes) : kind === "symlink" ? readTarget(full) : undefined;
  return {
    path,
    kind,
    pattern,
    device: stats.dev,
    inode: stats.ino,
    links: stats.nlink,
    size: stats.size,
    mode: stats.mode & 0o7777,
    sha256: content === undefined ? undefined : digest(content),
    changed: stats.ctimeMs,
    text: settings(pattern, content),
  };
}

function settings(pattern: string, content: Buffer | undefined): string | undefined {
  const wanted = /^<git>\/(?:config|config\.worktree|commondir|gitdir)$|^\.git$/.test(pattern);
  return wanted && content !== undefined && content.length <= limits.settingsBytes ? content.toString() : undefined;
}

export function statLink(path: string): Stats | undefined {
  try {
    return lstatSync(path);
  } catch {
    return undefined;
  }
}

/** A regular file's bytes; undefined where it is no regular file, unreadable, or longer than `bound`. */
export function readWhole(path: string, bound: number): Buffer | undefined {
  let descriptor: number;
  try {
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch {
    return undefined;
  }
  try {
    const stats = fstatSync(descriptor);
    if (!stats.isFile() || stats.size > bound) return undefined;
    const bytes = Buffer.alloc(Math.min(stats.size + 1, bound + 1));
    let filled = 0;
    for (let read = 1; read > 0 && filled < bytes.length; filled += read) {
      read = readSync(descriptor, bytes, filled, bytes.length - filled, null);
    }
    return filled > stats.size ? undefined : bytes.subarray(0, filled);
  } catch {
    return undefined;
  } finally {
    closeSync(descriptor);
  }
}

function readTarget(path: string): Buffer | undefined {
  try {
    return readlinkSync(path, { encoding: "buffer" });
  } catch {
    return undefined;
  }
}

function digest(content: Buffer): Digest | undefined {
  return parseDigest(createHash("sha256").update(content).digest("hex"));
}

/** The same file saying the same thing, wherever it lies now. */
export function isSame(left: Leaf, right: Leaf): boolean {
  return left.device === right.device && left.inode === right.inode && saysSame(left, right);
}

export function saysSame(left: Leaf, right: Leaf): boolean {
  if (left.kind !== right.kind || left.mode !== right.mode) return false;
  if (left.sha256 !== undefined || right.sha256 !== undefined) return left.sha256 === right.sha256;
  return left.inode === right.inode && left.size === right.size && left.changed === right.changed;
}
