// Permission bits beyond git's two: what most files have, and every exception. Kept in the store under the digest of its
// text, so that captures without a change share one.

import { createHash } from "node:crypto";
import { readWhole, statLink } from "./leaf.ts";
import { limits } from "./limits.ts";
import { type ObjectStore, replaceFile } from "./object-store.ts";
import { parseJson } from "./own-files.ts";

export interface Modes {
  /** Of most files, and of most executable files. */
  readonly plain: number;
  readonly executable: number;
  readonly other: Readonly<Record<string, number>>;
}

const usual: Modes = { plain: 0o644, executable: 0o755, other: {} };

/** What was known, and the files just looked at; undefined: gone. */
export function noteModes(known: Modes | undefined, seen: ReadonlyMap<string, number | undefined>): Modes {
  const base = known ?? usualOf(seen);
  const other = new Map(Object.entries(base.other));
  for (const [path, mode] of seen) {
    if (mode === undefined || mode === (isExecutable(mode) ? base.executable : base.plain)) other.delete(path);
    else other.set(path, mode);
  }
  return { ...base, other: Object.fromEntries(other) };
}

/** With a umask of 002 or 077 nearly every file differs from 0644: the commonest counts as usual. */
function usualOf(seen: ReadonlyMap<string, number | undefined>): Modes {
  const modes = [...seen.values()].filter((mode) => mode !== undefined);
  return {
    plain: commonest(modes.filter((mode) => !isExecutable(mode))) ?? usual.plain,
    executable: commonest(modes.filter(isExecutable)) ?? usual.executable,
    other: {},
  };
}

function commonest(modes: readonly number[]): number | undefined {
  const counts = new Map<number, number>();
  for (const mode of modes) counts.set(mode, (counts.get(mode) ?? 0) + 1);
  return [...counts].toSorted((left, right) => right[1] - left[1])[0]?.[0];
}

/** As git sees it: the owner's bit. */
function isExecutable(mode: number): boolean {
  return (mode & 0o100) !== 0;
}

export function modeOf(modes: Modes, path: string, executable: boolean): number {
  return (
    (Object.hasOwn(modes.other, path) ? modes.other[path] : undefined) ?? (executable ? modes.executable : modes.plain)
  );
}

export function saveModes(store: ObjectStore, modes: Modes): string {
  const text = JSON.stringify(modes);
  const name = createHash("sha256").update(text).digest("hex");
  const path = `${store.directory}/modes/${name}`;
  if (statLink(path) === undefined) replaceFile(path, text);
  return name;
}

/** The usual ones where the list is missing or cannot be read. */
export function readModes(store: ObjectStore, name: string): Modes {
  if (!/^[0-9a-f]{64}$/.test(name)) return usual;
  const text = readWhole(`${store.directory}/modes/${name}`, limits.answerBytes)?.toString();
  const modes = parseJson(text);
  return isModes(modes) ? modes : usual;
}

function isModes(value: unknown): value is Modes {
  if (typeof value !== "object" || value === null) return false;
  if (!("plain" in value && "executable" in value && "other" in value)) return false;
  if (typeof value.plain !== "number" || typeof value.executable !== "number") return false;
  return typeof value.other === "object" && value.other !== null && Object.values(value.other).every(isMode);
}

function isMode(value: unknown): boolean {
  return typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= 0o7777;
}
