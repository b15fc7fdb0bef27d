// The index cargo uses where nobody names one: it stands in its program, as a text. The program is searched, not run.

import { closeSync, constants, fstatSync, openSync, readdirSync, readSync } from "node:fs";
import { join } from "node:path";
import { programsOf } from "./program.ts";
import { isProjects, type Surroundings } from "./settings.ts";

/** Bytes of a program, and of one look at it. */
const largest = 256 * 1024 * 1024;
const window = 4 * 1024 * 1024;
/** Bytes an address may have. */
const longest = 300;
/** Toolchains looked at. */
const most = 50;

/** `sparse+https://…/`; undefined where no cargo is here, or what it holds could be read in two ways. */
export async function ownIndex(from: Surroundings): Promise<string | undefined> {
  // rustup's `cargo` is rustup itself, and leads to a toolchain's
  const chosen = from.variables["RUSTUP_HOME"];
  const toolchains = join(chosen?.startsWith("/") === true ? chosen : join(from.home, ".rustup"), "toolchains");
  const programs = [
    ...programsOf("cargo", from),
    ...entries(toolchains).map((name) => join(toolchains, name, "bin/cargo")),
  ];
  for (const program of new Set(programs)) {
    if (await isProjects(program, from)) continue;
    const found = addressesIn(program);
    if (found.size > 0) from.noted.set(program, "");
    if (found.size === 1) return [...found][0];
  }
  return undefined;
}

function addressesIn(path: string): ReadonlySet<string> {
  const found = new Set<string>();
  let descriptor: number;
  try {
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch {
    return found;
  }
  try {
    const stats = fstatSync(descriptor);
    if (!stats.isFile() || stats.size > largest) return found;
    const bytes = Buffer.alloc(window);
    // one look begins where the last could have cut an address
    for (let at = 0; at < stats.size; at += window - longest) {
      const length = readSync(descriptor, bytes, 0, window, at);
      for (const one of matchesIn(bytes.subarray(0, length))) found.add(one);
    }
    return found;
  } finally {
    closeSync(descriptor);
  }
}

function* matchesIn(bytes: Buffer): Generator<string> {
  const marker = "sparse+https://";
  for (let at = bytes.indexOf(marker); at >= 0; at = bytes.indexOf(marker, at + 1)) {
    const text = bytes.toString("latin1", at, at + longest);
    // texts of a program follow one another without an end: the address ends with its slash
    const [address] = /^sparse\+https:\/\/[a-z0-9.-]{1,253}\//.exec(text) ?? [];
    if (address !== undefined) yield address;
  }
}

function entries(directory: string): string[] {
  try {
    return readdirSync(directory).toSorted().slice(0, most);
  } catch {
    return [];
  }
}
