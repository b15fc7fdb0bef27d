// `npx NAME`: looked up among what is installed in the project, for a package that would be fetched and run at once has
// nothing that could be known beforehand. Enters: the command as typed; leaves: the command with its file, or a Fault that
// says what to install.

import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { Fault } from "../domain/fault.ts";
import { ancestors, readJson, readPackage } from "./package-tree.ts";
import type { InventoryFault } from "./search.ts";

const runners = /^(?:npx|bunx|pnpx)$/;
const harmless = /^(?:-y|--yes|--no|--no-install|-q|--quiet|--offline|--prefer-offline|--)$/;

/** The command unchanged where it is no runner. */
export function unwrapRunner(command: readonly string[], directory: string): readonly string[] | InventoryFault {
  const [program = "", ...rest] = command;
  if (!runners.test(program)) return command;
  const at = rest.findIndex((word) => !harmless.test(word));
  const wanted = rest[at];
  if (wanted === undefined || wanted.startsWith("-")) {
    const hint = "give only the package's name, or run the installed program by its own name";
    return new Fault({ code: "runner", message: `${program} is used in a way that is not followed`, hint });
  }
  const file = installed(parseSpec(wanted), directory);
  if (file !== undefined) return [file, ...rest.slice(at + 1)];
  const hint = `npm install --save-dev ${wanted}, then run it again; what ${program} fetches by itself cannot be known beforehand`;
  return new Fault({ code: "not-found", message: `${wanted} is not installed here`, hint });
}

interface Spec {
  readonly name: string;
  readonly version: string | undefined;
}

function parseSpec(text: string): Spec {
  const at = text.indexOf("@", 1);
  return at < 0 ? { name: text, version: undefined } : { name: text.slice(0, at), version: text.slice(at + 1) };
}

/** The nearest `node_modules` upwards, as npx itself looks; by package and its `bin`, or by the program's own name. */
function installed({ name, version }: Spec, directory: string): string | undefined {
  if (!/^(?:@[\w.-]+\/)?[\w.-]+$/.test(name) || /^\.+$/.test(name)) return undefined;
  for (const parent of [directory, ...ancestors(directory)]) {
    const modules = `${parent === "/" ? "" : parent}/node_modules`;
    const found = readPackage(`${modules}/${name}`);
    const bin = found === undefined ? undefined : binOf(found.root, name);
    if (bin !== undefined) return version === undefined || version === found?.version ? bin : undefined;
    if (version === undefined && !name.includes("/") && existsSync(`${modules}/.bin/${name}`))
      return `${modules}/.bin/${name}`;
  }
  return undefined;
}

/** Within the package, as npm reads it too: `..` leads nowhere above its root. */
function within(root: string, path: string): string {
  return `${root}${resolve("/", path)}`;
}

/** package.json `bin`: one path, or a name for each; npx takes the package's own name, or the only one. */
function binOf(root: string, name: string): string | undefined {
  const manifest = readJson(`${root}/package.json`);
  if (typeof manifest !== "object" || manifest === null || !("bin" in manifest)) return undefined;
  const { bin } = manifest;
  if (typeof bin === "string") return within(root, bin);
  const entries = typeof bin === "object" && bin !== null ? Object.entries(bin) : [];
  const own =
    entries.find(([key]) => key === name.split("/").at(-1)) ?? (entries.length === 1 ? entries[0] : undefined);
  return typeof own?.[1] === "string" ? within(root, own[1]) : undefined;
}
