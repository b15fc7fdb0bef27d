// pyenv and its kin (rbenv's design): which version they would choose for a shim, by a variable, the nearest version file
// upwards, or their own `version` file, in that order. Enters: a shim; leaves: the tool itself, or undefined where only the
// manager could say.

import { existsSync, readdirSync } from "node:fs";
import { dirname } from "node:path";
import { ancestors, readText } from "./package-tree.ts";
import { findCommand } from "./search.ts";
import type { Direct, Managed } from "./shim.ts";

/** By its own name: the file a project chooses by. */
export const versionFiles: Readonly<Record<string, string>> = {
  pyenv: ".python-version",
  goenv: ".go-version",
  jenv: ".java-version",
  nodenv: ".node-version",
  rbenv: ".ruby-version",
};

export function versionedTool(manager: string, managed: Managed): Direct | undefined {
  const { found, name } = managed;
  const shims = dirname(found);
  const root = dirname(shims);
  for (const version of chosen(manager, managed, root)) {
    const path = version === "system" ? inSystem(managed, shims) : installed(`${root}/versions`, version, name);
    if (path !== undefined) return { path, interpreter: undefined };
  }
  return undefined;
}

/** In order; the first that has the tool counts. What a workspace's file says is *attacker-controlled*: it only chooses. */
function chosen(manager: string, { directory, variables }: Managed, root: string): readonly string[] {
  const said = variables[`${manager.toUpperCase()}_VERSION`];
  if (said !== undefined && said !== "") return words(said.split(":"));
  const file = versionFiles[manager] ?? "";
  const places = [directory, ...ancestors(directory)].map((each) => `${each === "/" ? "" : each}/${file}`);
  const nearest = [...places, `${root}/version`].find((place) => existsSync(place));
  const named = nearest === undefined ? [] : words(readText(nearest).split(/\s+/));
  return named.length === 0 ? ["system"] : named;
}

const words = (all: readonly string[]): readonly string[] =>
  all.filter((word) => /^[\w][\w.+-]*$/.test(word)).slice(0, 20);

/** The version of that name, else the newest that begins with it (`3.12`), as the manager takes it. */
function installed(versions: string, version: string, name: string): string | undefined {
  const plain = version.replace(/^(?:python|go)-(?=\d)/, "");
  const known = namesIn(versions).filter((each) => each === version || each === plain || each.startsWith(`${plain}.`));
  const newest = known.toSorted((one, other) => other.localeCompare(one, undefined, { numeric: true }));
  const exact = newest.filter((each) => each === version || each === plain);
  return [...exact, ...newest].map((each) => `${versions}/${each}/bin/${name}`).find((path) => existsSync(path));
}

function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

/** What PATH would give without the shims. */
function inSystem({ name, path, directory }: Managed, shims: string): string | undefined {
  const rest = path.split(":").filter((entry) => entry.replace(/\/+$/, "") !== shims);
  const found = findCommand(name, rest.join(":"), directory);
  return typeof found === "string" ? found : undefined;
}
