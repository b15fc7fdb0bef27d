// A directory held open, so that a path below the workspace is walked one name at a time and no symbolic link, planted
// or swapped in between, leads out of it (openat with O_NOFOLLOW, by way of /proc/self/fd: Linux only). Enters: a root
// that is trusted, a relative path that is *attacker-controlled*. Refuses empty, `.` and `..` names.

import { chmodSync, closeSync, constants, fstatSync, mkdirSync, openSync } from "node:fs";
import { kernelPath } from "./raw-names.ts";

/** O_PATH, asm-generic/fcntl.h; Node has no name for it. */
const pathOnly = 0o10000000;
const flags = constants.O_DIRECTORY | constants.O_NOFOLLOW | pathOnly;

class Foothold implements Disposable {
  readonly #descriptor: number;

  constructor(descriptor: number) {
    this.#descriptor = descriptor;
  }

  /** A path that means this name in this very directory, for any call that does not follow a last link. */
  at(name: string): string {
    if (!isName(name)) throw new Error(`not a name: ${JSON.stringify(name)}`);
    return `/proc/self/fd/${this.#descriptor}/${name}`;
  }

  /** The directory itself, for listing. */
  get itself(): string {
    return `/proc/self/fd/${this.#descriptor}/.`;
  }

  /** Its owner may list and change it again; false: it is not ours. */
  openUp(): boolean {
    try {
      const { mode } = fstatSync(this.#descriptor);
      chmodSync(`/proc/self/fd/${this.#descriptor}`, (mode & 0o7777) | 0o700);
      return true;
    } catch {
      return false;
    }
  }

  [Symbol.dispose](): void {
    closeSync(this.#descriptor);
  }
}

export interface Stand extends Disposable {
  readonly directory: Foothold;
  readonly name: string;
}

/** Stands in the parent of `path`; undefined where a parent is missing, no directory or a symbolic link. */
export function standAt(root: string, path: string, make = false): Stand | undefined {
  const names = path.split("/");
  const name = names.pop();
  if (name === undefined || !isName(name) || !names.every(isName)) return undefined;
  const directory = enter(root, names, make);
  return directory === undefined ? undefined : { directory, name, [Symbol.dispose]: () => directory[Symbol.dispose]() };
}

/** A tool takes the permission to list a directory, or to move what lies in it, from its owner with one call; its owner takes it back. */
export function openUp(root: string, directory: string): boolean {
  using stand = standAt(root, directory === "" ? "any" : `${directory}/any`);
  return stand?.directory.openUp() === true;
}

function enter(root: string, names: readonly string[], make: boolean): Foothold | undefined {
  let here = step(root);
  for (const name of names) {
    if (here === undefined) return undefined;
    using left = here;
    const next = left.at(name);
    if (make) makeDirectory(next);
    here = step(next);
  }
  return here;
}

function step(path: string): Foothold | undefined {
  try {
    return new Foothold(openSync(kernelPath(path), flags));
  } catch {
    return undefined;
  }
}

function makeDirectory(path: string): void {
  try {
    mkdirSync(kernelPath(path), 0o777);
  } catch {
    // there already, or refused: the step that follows decides
  }
}

function isName(name: string): boolean {
  return name !== "" && name !== "." && name !== ".." && !name.includes("/") && !name.includes("\0");
}
