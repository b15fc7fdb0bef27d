// HEAD and references of one of the workspace's repositories as text, for the record: where its branches stood before a
// session. Enters: a git directory, *attacker-controlled*. Read as files; git is not started in it.

import { entriesOf } from "./entries.ts";
import { readWhole } from "./leaf.ts";
import { limits } from "./limits.ts";

/** `<object> <name>` lines, HEAD first as `HEAD <its text>`; bounded. */
export function readReferences(directory: string): readonly string[] {
  const lines = [`HEAD ${text(`${directory}/HEAD`)}`];
  const packed = text(`${directory}/packed-refs`, 4 * 1024 * 1024)
    .split("\n")
    .filter((line) => /^[0-9a-f]{40,64} refs\//.test(line));
  lines.push(...packed.slice(0, limits.references));
  walk(directory, "refs", lines);
  return lines.slice(0, limits.references);
}

export interface References {
  /** `ref: <name>`, or an object. */
  readonly head: string;
  /** Name → object; symbolic ones left out. */
  readonly named: ReadonlyMap<string, string>;
  /** False where there were more than are read. */
  readonly whole: boolean;
}

/** What `readReferences` gave; later lines win, as loose references win over packed ones. */
export function parseReferences(lines: readonly string[]): References {
  const head = lines[0]?.replace(/^HEAD /, "") ?? "";
  const named = new Map<string, string>();
  for (const line of lines.slice(1)) {
    const [, object, name] = /^([0-9a-f]{40}|[0-9a-f]{64}) (refs\/.+)$/.exec(line) ?? [];
    if (object !== undefined && name !== undefined && isReferenceName(name)) named.set(name, object);
  }
  return { head, named, whole: lines.length < limits.references };
}

/** Narrower than git-check-ref-format(1), for the name becomes a path: nothing that could lead elsewhere or be an option. */
export function isReferenceName(name: string): boolean {
  if (!name.startsWith("refs/") || name.length > 1000 || /[\0-\x20\x7f~^:?*[\\]|\.\.|@\{|\/\/|\/$/.test(name))
    return false;
  return name.split("/").every((part) => !/^[.-]|\.lock$|\.$/.test(part) && part !== "");
}

function walk(directory: string, at: string, lines: string[]): void {
  if (at.length > 1000) return;
  for (const entry of entriesOf(`${directory}/${at}`) ?? []) {
    if (lines.length >= limits.references) return;
    const path = `${at}/${entry.name}`;
    if (entry.isDirectory()) walk(directory, path, lines);
    else if (entry.isFile()) lines.push(`${text(`${directory}/${path}`)} ${path}`);
  }
}

function text(path: string, bound = 4096): string {
  return readWhole(path, bound)?.toString().trim() ?? "";
}
