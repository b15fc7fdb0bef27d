// Files of settings as package managers keep them → their sections and values. Only the person's and the system's are
// read: a file in the workspace, by its name or by what a link leads to, says nothing here.

import { resolve } from "node:path";
import { readBounded, real } from "../../policy/reading.ts";
import { isWithin } from "../../policy/way.ts";

/** Bytes of one file. */
const largest = 256 * 1024;
/** Lines of one file, and values kept of it. */
const mostLines = 10_000;

export interface Surroundings {
  readonly home: string;
  readonly workspace: string;
  /** The caller's. */
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** Where the system's own files begin; empty but in tests. */
  readonly system: string;
  /** Are credentials wanted? Files that hold nothing else are left closed where not. */
  readonly claims: boolean;
  /** Whatever decides here: files by the path they were read at with their text, programs with none. Filled while reading. */
  readonly noted: Map<string, string>;
}

/** By its name, or by what a link on the way to it leads to. */
export async function isProjects(path: string, { workspace }: Pick<Surroundings, "workspace">): Promise<boolean> {
  return isWithin(path, workspace) || isWithin(await real(path), await real(workspace));
}

/** The text, or undefined where there is none, it cannot be read, or it is the project's. */
export async function textOf(
  path: string,
  from: Pick<Surroundings, "workspace" | "noted">,
): Promise<string | undefined> {
  const file = resolve(path);
  if (await isProjects(file, from)) return undefined;
  const reading = await readBounded(file, largest);
  const text = reading.kind === "bytes" ? reading.bytes.toString("utf8") : undefined;
  // one that cannot be read decides too: what comes after it does in its place
  if (reading.kind !== "absent") from.noted.set(file, text ?? "");
  return text;
}

/** Section, empty for what stands before the first → key → values in order. */
export type Settings = ReadonlyMap<string, ReadonlyMap<string, readonly string[]>>;

/** `key = value` in sections; with `continued`, an indented line is one more value of the key above it. */
export function parseSettings(text: string, { continued }: { readonly continued: boolean }): Settings {
  const settings = new Map<string, Map<string, string[]>>();
  let section = sectionOf(settings, "");
  let last: string[] | undefined;
  // the text may be anything: whoever wrote it, nothing here backtracks
  for (const line of text.split(/\r?\n/, mostLines)) {
    const plain = line.trim();
    if (plain === "" || plain.startsWith("#") || plain.startsWith(";")) continue;
    if (continued && /^\s/.test(line) && last !== undefined) {
      last.push(plain);
      continue;
    }
    if (plain.startsWith("[") && plain.endsWith("]")) {
      section = sectionOf(settings, plain.slice(1, -1).trim());
      last = undefined;
      continue;
    }
    const at = plain.indexOf("=");
    const key = unquoted(at < 0 ? plain : plain.slice(0, at));
    last = at < 0 ? [] : [unquoted(plain.slice(at + 1))].filter((value) => value !== "");
    section.set(key, last);
  }
  return settings;
}

function sectionOf(settings: Map<string, Map<string, string[]>>, name: string): Map<string, string[]> {
  const section = settings.get(name) ?? new Map<string, string[]>();
  settings.set(name, section);
  return section;
}

function unquoted(text: string): string {
  const plain = text.trim();
  return /^(["']).*\1$/.test(plain) && plain.length > 1 ? plain.slice(1, -1) : plain;
}
