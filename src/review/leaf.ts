// One control file as it lay there: who it is (device, inode) and what it says (digest). Enters: a path below a trusted
// root, *attacker-controlled*. Never follows a symbolic link, never waits on a fifo.

import { isUtf8 } from "node:buffer";
import { createHash } from "node:crypto";
import { closeSync, constants, fstatSync, lstatSync, openSync, readlinkSync, readSync, type Stats } from "node:fs";
import { type Digest, parseDigest } from "../domain/brand.ts";
import type { EntryKind } from "./control-class.ts";
import { kindOf } from "./entries.ts";
import { standAt } from "./foothold.ts";
import { limits } from "./limits.ts";
import { kernelPath } from "./raw-names.ts";

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
  // a directory on the way may have become a link since it was listed: what a person keeps elsewhere is no control file
  using stand = standAt(root, path);
  if (stand === undefined) return undefined;
  const full = stand.directory.at(stand.name);
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
  if (content === undefined || content.length > limits.settingsBytes) return undefined;
  // git reads a place as bytes: where they are no UTF-8, our reading would be another place's name
  const place = /^<git>\/(?:commondir|gitdir)$|^\.git$/.test(pattern) && isUtf8(content);
  return place || /^<git>\/(?:config|config\.worktree)$/.test(pattern) ? content.toString() : undefined;
}

/** Absolute → of what kind it is; undefined where there is nothing. */
export function kindAt(path: string): EntryKind | undefined {
  const stats = statLink(path);
  return stats === undefined ? undefined : kindOf(stats);
}

export function statLink(path: string): Stats | undefined {
  try {
    return lstatSync(kernelPath(path));
  } catch {
    return undefined;
  }
}

/** A regular file's bytes; undefined where it is no regular file, unreadable, or longer than `bound`. */
export function readWhole(path: string, bound: number): Buffer | undefined {
  let descriptor: number;
  try {
    descriptor = openSync(kernelPath(path), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
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
    return readlinkSync(kernelPath(path), { encoding: "buffer" });
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
