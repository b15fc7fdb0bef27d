// A program's file → the npm package it belongs to and the trees it resolves its dependencies from. Enters: a real path;
// package.json files on the way up are *attacker-controlled* where they lie in a workspace.

import { readFileSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { limits } from "./limits.ts";

export interface Package {
  readonly root: string;
  readonly name: string;
  readonly version: string | undefined;
}

/** The nearest package.json with a name; a file in `node_modules` belongs to no package outside of it. */
export function packageOf(file: string, home: string): Package | undefined {
  for (const directory of ancestors(file)) {
    if (directory.endsWith("/node_modules")) return undefined;
    const found = readPackage(directory);
    if (found !== undefined) return found;
    // a package.json in the home directory, or above it, is not that of a tool further down
    if (directory === home || home.startsWith(`${directory}/`)) return undefined;
  }
  return undefined;
}

export function readPackage(root: string): Package | undefined {
  const value = readJson(`${root}/package.json`);
  if (typeof value !== "object" || value === null || !("name" in value) || typeof value.name !== "string")
    return undefined;
  const version = "version" in value && typeof value.version === "string" ? value.version : undefined;
  return { root, name: value.name, version };
}

export function readJson(path: string): unknown {
  try {
    return JSON.parse(readText(path));
  } catch {
    return undefined;
  }
}

/** Empty where it cannot be read, or is longer than such a file is. */
export function readText(path: string): string {
  try {
    const found = statSync(path);
    return !found.isFile() || found.size > limits.manifestBytes ? "" : readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

/**
 * The directories Node resolves from. Within `node_modules`: the outermost one, for hoisting, or pnpm's store of links.
 * Outside: the package and every `node_modules` above it.
 */
export function resolutionTrees(file: string, found: Package): readonly string[] {
  const store = /^(.*?\/(?:\.pnpm|store\/v\d+\/links))\//.exec(file)?.[1];
  const outermost = /^(.*?\/node_modules)\//.exec(file)?.[1];
  if (outermost !== undefined) return [store !== undefined && store.length < outermost.length ? store : outermost];
  return [
    found.root,
    ...ancestors(found.root)
      .map((each) => `${each === "/" ? "" : each}/node_modules`)
      .filter(isDirectory),
  ];
}

export function isDirectory(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

/** Nearest first, the root last. */
export function ancestors(path: string): readonly string[] {
  const found: string[] = [];
  for (let here = path; here !== "/"; ) {
    here = dirname(here);
    found.push(here);
  }
  return found;
}
