// The private git directory of one workspace in the state directory: objects, index and what was last captured. The
// workspace's own git directory is neither read through nor written to, so neither its configuration nor its objects
// count. Enters: the state directory (ours) and the workspace's real path.

import { createHash, randomBytes } from "node:crypto";
import { mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
import { Fault } from "../domain/fault.ts";
import type { GitPlace, ReviewFault } from "./git.ts";
import { gitDirectoryOf } from "./git-file.ts";
import { readWhole, statLink } from "./leaf.ts";
import { limits } from "./limits.ts";

export interface ObjectStore {
  /** The private git directory. */
  readonly directory: string;
  /** Real path. */
  readonly workspace: string;
  /** The workspace's own git directory, where it does not lie in it; absolute. */
  readonly git?: string;
}

/** First 24 hexadecimal characters of SHA-256 of the path: one store a workspace. */
export function workspaceKey(workspace: string): string {
  return createHash("sha256").update(workspace).digest("hex").slice(0, 24);
}

/**
 * What a checked-out `.gitattributes` says is overruled here (gitattributes(5): info/attributes is strongest), so that
 * nothing is converted and no driver runs. `!` and not `-` for the encoding: git dies on a false one.
 */
const attributes = "* -text -ident !eol !filter !merge !diff !working-tree-encoding\n";
const configuration = "[core]\n\trepositoryformatversion = 0\n\tbare = false\n\tlogallrefupdates = false\n";

/** Makes what is missing; a store is never emptied here. */
export function openObjectStore(state: string, workspace: string): ObjectStore | ReviewFault {
  return makeStore(`${state}/undo/${workspaceKey(workspace)}`, workspace);
}

export function makeStore(directory: string, workspace: string): ObjectStore | ReviewFault {
  try {
    if (statLink(`${directory}/ready`) === undefined) {
      for (const part of ["objects/pack", "objects/info", "refs", "info", "modes"]) {
        mkdirSync(`${directory}/${part}`, { recursive: true, mode: 0o700 });
      }
      writeFileSync(`${directory}/HEAD`, "ref: refs/heads/none\n");
      writeFileSync(`${directory}/config`, configuration);
      writeFileSync(`${directory}/info/attributes`, attributes);
      writeFileSync(`${directory}/workspace`, workspace);
      writeFileSync(`${directory}/ready`, "");
    }
    return { directory, workspace };
  } catch (cause) {
    const hint = `make ${directory} writable and see that its disk is not full`;
    return new Fault({ code: "store", message: "the undo store cannot be made", hint, cause });
  }
}

export function placeOf(store: ObjectStore): GitPlace {
  return { store: store.directory, workTree: store.workspace };
}

/** Its own git directory, for what it tracks and ignores; undefined where it is no repository. */
export function ownGit(store: ObjectStore): string | undefined {
  return store.git ?? gitDirectoryOf(store.workspace);
}

/** Replaces a file of ours in one step, 0600. */
export function replaceFile(path: string, content: string): void {
  const next = `${path}.${randomBytes(4).toString("hex")}`;
  writeFileSync(next, content, { flag: "wx", mode: 0o600 });
  renameSync(next, path);
}

/** One capture of a workspace at a time; a lock whose process is gone is taken over. */
export async function withLock<Result>(store: ObjectStore, work: () => Promise<Result>): Promise<Result | ReviewFault> {
  const lock = `${store.directory}/lock`;
  const deadline = performance.now() + limits.lockMilliseconds;
  while (!take(lock)) {
    const owner = Number(readWhole(lock, 32)?.toString());
    if (!isRunning(owner)) rmSync(lock, { force: true });
    else if (performance.now() > deadline) {
      const hint = "another command of yours is at work on this checkout; try again when it is done";
      return new Fault({ code: "locked", message: `${store.directory} is in use by process ${owner}`, hint });
    } else await wait(20);
  }
  try {
    // what a process that was killed while writing left
    rmSync(`${store.directory}/index.lock`, { force: true });
    return await work();
  } finally {
    rmSync(lock, { force: true });
  }
}

function take(lock: string): boolean {
  try {
    writeFileSync(lock, String(process.pid), { flag: "wx" });
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
    throw error;
  }
}

function isRunning(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
