// A command's name → the file PATH gives for it, and the symbolic links on the way to the file itself. Enters: a name as
// the person typed it, the caller's PATH. Relative and empty entries of PATH are passed over: through them a workspace
// could put its own program in a tool's place; and so are our own shims, also one named outright (`$(which claude)`).

import { accessSync, constants, lstatSync, readlinkSync, realpathSync, statSync } from "node:fs";
import { basename, dirname, isAbsolute, resolve } from "node:path";
import { Fault } from "../domain/fault.ts";
import { limits } from "./limits.ts";
import { isOwnShim } from "./own-shims.ts";

export type InventoryFault = Fault<"not-found" | "not-executable" | "shim" | "shebang" | "exposed" | "runner">;

/** `not-found` answers to exit 127, `not-executable` to 126, as in env(1). */
export function findCommand(name: string, path: string, directory: string): string | InventoryFault {
  if (name.includes("/")) {
    const file = resolve(directory, name);
    return isOwnShim(file) ? findCommand(basename(file), path, directory) : (usable(file) ?? absent(name));
  }
  let refused: Fault<"not-executable"> | undefined;
  for (const entry of path.split(":").slice(0, limits.pathEntries)) {
    const found = isAbsolute(entry) && name !== "" ? usable(`${entry.replace(/\/+$/, "")}/${name}`) : undefined;
    if (typeof found === "string" && isOwnShim(found)) continue;
    if (typeof found === "string") return found;
    refused ??= found;
  }
  return refused ?? absent(name);
}

function usable(path: string): string | Fault<"not-executable"> | undefined {
  try {
    if (statSync(path).isDirectory()) return notExecutable(path, "is a directory");
  } catch {
    return undefined;
  }
  try {
    accessSync(path, constants.X_OK);
    return path;
  } catch {
    return notExecutable(path, "is not executable");
  }
}

function absent(name: string): Fault<"not-found"> {
  const hint = "see that it is installed and in PATH, or name the file with a slash";
  return new Fault({ code: "not-found", message: `${name}: not found`, hint });
}

function notExecutable(path: string, why: string): Fault<"not-executable"> {
  return new Fault({ code: "not-executable", message: `${path} ${why}`, hint: `chmod +x ${path}, if it is a program` });
}

/** From a path to its file: each link met, by the real path of the directory it stands in, and the real path at the end. */
export function followLinks(path: string): {
  readonly found: string;
  readonly links: readonly string[];
  readonly file: string;
} {
  const links: string[] = [];
  const found = settle(path);
  let here = found;
  while (links.length < limits.links && lstatSync(here).isSymbolicLink()) {
    links.push(here);
    here = settle(resolve(dirname(here), readlinkSync(here)));
  }
  return { found, links, file: realpathSync(here) };
}

/** The last name stays a link, the directory it stands in does not: fnm's shells, say, are links to directories. */
function settle(path: string): string {
  return resolve(realpathSync(dirname(path)), basename(path));
}

/** Links followed; as it stands where that cannot be done. */
export function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
