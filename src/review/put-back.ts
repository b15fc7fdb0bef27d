// Puts one path to what it was: a new file beside it, then one rename. Enters: a path that is *attacker-controlled*, the
// side of a change. Leaves: undefined, or why not. No link is followed; a directory in the way that holds something stays.

import { createHash } from "node:crypto";
import {
  chmodSync,
  closeSync,
  constants,
  fchmodSync,
  lchownSync,
  openSync,
  renameSync,
  rmdirSync,
  rmSync,
  type Stats,
  symlinkSync,
  unlinkSync,
} from "node:fs";
import { writeAll } from "./copy.ts";
import { type Stand, standAt } from "./foothold.ts";
import { statLink } from "./leaf.ts";
import type { Now } from "./path-state.ts";

interface Wanted {
  readonly side: Exclude<Now, "unknown" | undefined>;
  /** Undefined: only the permissions. */
  readonly content: Buffer | undefined;
}

export function putBack(workspace: string, path: string, { side, content }: Wanted): string | undefined {
  return standing(workspace, { path, make: true }, (stand) => {
    const target = stand.directory.at(stand.name);
    if (content === undefined) return setMode(target, side.mode);
    // one name for one path: an interrupted undo leaves at most this, and the next one takes it away
    const aside = stand.directory.at(`.postern-undo-${createHash("sha256").update(path).digest("hex").slice(0, 16)}`);
    rmSync(aside, { force: true });
    if (side.kind === "symlink") symlinkSync(content, aside);
    else writeFile(aside, content, side.mode);
    if (side.kind === "file") keepOwner(aside, statLink(target) ?? statLink(stand.directory.itself));
    if (statLink(target)?.isDirectory()) rmdirSync(target);
    renameSync(aside, target);
  });
}

export function remove(workspace: string, path: string): string | undefined {
  return standing(workspace, { path, make: false }, (stand) => unlinkSync(stand.directory.at(stand.name)));
}

/** An empty directory that was there before. */
export function makeEmpty(workspace: string, path: string): void {
  // standing in it, with what is missing made on the way
  standAt(workspace, `${path}/any`, true)?.[Symbol.dispose]();
}

function standing(
  workspace: string,
  { path, make }: { readonly path: string; readonly make: boolean },
  work: (stand: Stand) => void,
): string | undefined {
  using stand = standAt(workspace, path, make);
  if (stand === undefined) return "its directory is gone or a link";
  try {
    work(stand);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : "unknown";
  }
}

function writeFile(path: string, content: Buffer, mode: number): void {
  const descriptor = openSync(
    path,
    constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW,
    0o600,
  );
  try {
    writeAll(descriptor, content);
    fchmodSync(descriptor, mode);
  } finally {
    closeSync(descriptor);
  }
}

/** Undone by root, a file stays its owner's; for anybody else there is nothing to do. */
function keepOwner(path: string, like: Stats | undefined): void {
  const own = statLink(path);
  if (like === undefined || own === undefined || (own.uid === like.uid && own.gid === like.gid)) return;
  const mode = own.mode & 0o7777;
  try {
    lchownSync(path, like.uid, like.gid);
    // chown(2) clears setuid and setgid
    chmodSync(path, mode);
  } catch {
    // not root: the file is the person's own already
  }
}

function setMode(path: string, mode: number): void {
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    fchmodSync(descriptor, mode);
  } finally {
    closeSync(descriptor);
  }
}
