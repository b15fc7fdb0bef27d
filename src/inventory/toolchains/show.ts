// One place of the host → how it is shown inside: a tree or file unwritable at its own path, a link as a link. Reads names
// and links, never content. Refuses what would show the home, the workspace's surroundings, or credentials.

import { existsSync, lstatSync, readdirSync, readlinkSync, realpathSync, type Stats, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { exposes, isAround, type Surroundings } from "../exposure.ts";
import { limits } from "../limits.ts";

export type Shown =
  | { readonly kind: "read"; readonly path: string; readonly from: string }
  | { readonly kind: "link"; readonly path: string; readonly target: string }
  /** Covers a file that may hold a credential. */
  | { readonly kind: "text"; readonly path: string; readonly text: string }
  /** Covers a directory. */
  | { readonly kind: "empty"; readonly path: string };

export interface Withheld {
  readonly path: string;
  readonly why: string;
}

/** Of the system's own view, and so there anyhow. */
export const isSystem = (path: string): boolean => /^\/(?:usr|bin|sbin|lib|lib32|lib64|libx32)(?:\/|$)/.test(path);

export class Showing {
  readonly #around: Surroundings;
  readonly #shown = new Map<string, Shown>();
  readonly withheld: Withheld[] = [];

  constructor(around: Surroundings) {
    this.#around = around;
  }

  /** In the order in which they are to be mounted: what covers comes after what it covers. */
  get mounts(): readonly Shown[] {
    const depth = ({ path }: Shown): number => path.split("/").length;
    return [...this.#shown.values()].toSorted((a, b) => depth(a) - depth(b)).slice(0, limits.toolchainMounts);
  }

  /** True where it is there inside: shown, below what is shown, of the system, or in the workspace. */
  covers(path: string): boolean {
    if (isSystem(path) || isAround(this.#around.workspace, path)) return true;
    for (let here = path; here !== "/"; here = dirname(here)) {
      const shown = this.#shown.get(here);
      if (shown !== undefined) return shown.kind === "read" || here === path;
    }
    return false;
  }

  /** True where something of this directory is shown by itself. */
  hasIn(directory: string): boolean {
    return [...this.#shown.keys()].some((path) => dirname(path) === directory);
  }

  /** A tree, a file, or a link to either; false where it is not there or is withheld. */
  show(path: string): boolean {
    if (this.covers(path)) return true;
    const found = lstat(path);
    if (found === undefined) return false;
    if (!found.isSymbolicLink()) return this.#add(path, path, found);
    const target = resolve(dirname(path), readlinkSync(path));
    const real = realOf(path);
    if (real === undefined) return false;
    // beside what it leads to, or into what is shown already: it stays a link
    if ((dirname(target) === dirname(path) && this.show(target)) || this.covers(target)) {
      this.#shown.set(path, { kind: "link", path, target });
      return true;
    }
    return this.#add(path, real, statSync(real));
  }

  /** Everything in a directory, each by itself. */
  showEach(directory: string, named: RegExp | undefined, files: boolean): void {
    for (const name of namesIn(directory)) {
      const path = join(directory, name);
      if (named !== undefined && !named.test(name)) continue;
      if (files && statOf(path)?.isDirectory() !== false) continue;
      this.show(path);
    }
  }

  /** Shown, but for what this covers. */
  cover(path: string, text: string | undefined): void {
    const found = this.covers(path) && !isSystem(path) ? lstat(path) : undefined;
    if (found === undefined || found.isSymbolicLink()) return;
    if (text === undefined && found.isDirectory()) this.#shown.set(path, { kind: "empty", path });
    if (text !== undefined && found.isFile()) this.#shown.set(path, { kind: "text", path, text });
  }

  #add(path: string, from: string, found: Stats): boolean {
    const real = realOf(from) ?? from;
    const why = found.isDirectory() ? exposes(real, this.#around) : undefined;
    if (why !== undefined) {
      this.withheld.push({ path, why });
      return false;
    }
    if (!found.isDirectory() && !found.isFile()) return false;
    this.#shown.set(path, { kind: "read", path, from: real });
    // absolute links within a tree lead to where it really lies
    if (found.isDirectory() && real !== path && !this.covers(real))
      this.#shown.set(real, { kind: "read", path: real, from: real });
    return true;
  }
}

export function namesIn(directory: string): readonly string[] {
  if (!existsSync(directory)) return [];
  try {
    return readdirSync(directory).toSorted().slice(0, limits.shelf);
  } catch {
    return [];
  }
}

/** Most places asked for are not there, and an error costs more than a look. */
export function realOf(path: string): string | undefined {
  if (!existsSync(path)) return undefined;
  try {
    return realpathSync.native(path);
  } catch {
    return undefined;
  }
}

function lstat(path: string): Stats | undefined {
  return lstatSync(path, { throwIfNoEntry: false });
}

function statOf(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch {
    return undefined;
  }
}
