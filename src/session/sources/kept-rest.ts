// What is kept of checkouts that nobody uses any more goes: a month after the last session there, and of what is more than a bound in
// all the least recently used. What a session that was ended left unfinished goes with the next.

import { lstatSync, readdirSync, rmSync, utimesSync } from "node:fs";
import { unfinished } from "./private-files.ts";

export const restBounds = {
  /** Milliseconds since a session was there. */
  unused: 30 * 24 * 3_600_000,
  /** Octets of all checkouts together. */
  all: 2 * 2 ** 30,
  /** Milliseconds after which what is unfinished is nobody's. */
  writing: 3_600_000,
} as const;

const ours = /^[0-9a-f]{32}$/;

/** A session is here. */
export function touchPlace(directory: string): void {
  try {
    utimesSync(directory, new Date(), new Date());
  } catch {
    // it goes a little sooner
  }
}

/** `directory`: of all checkouts. Throws nothing: what cannot be taken away stays. */
export function sweepPlaces(directory: string, now: number = Date.now(), most: number = restBounds.all): void {
  const places = namesIn(directory)
    .filter((name) => ours.test(name))
    .map((name) => placeAt(`${directory}/${name}`, now))
    .filter((place) => place !== undefined);
  let held = 0;
  for (const { path, used, octets } of places.sort((a, b) => b.used - a.used)) {
    held += octets;
    if (now - used > restBounds.unused || held > most) take(path);
  }
}

function placeAt(path: string, now: number): { path: string; used: number; octets: number } | undefined {
  const stats = statOf(path);
  if (stats?.isDirectory() !== true) return undefined;
  let octets = 0;
  for (const name of namesIn(path)) {
    const file = statOf(`${path}/${name}`);
    if (file === undefined) continue;
    if (unfinished.test(name) && now - file.mtimeMs > restBounds.writing) take(`${path}/${name}`);
    else octets += file.size;
  }
  return { path, used: stats.mtimeMs, octets };
}

function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

function statOf(path: string) {
  try {
    return lstatSync(path);
  } catch {
    return undefined;
  }
}

function take(path: string): void {
  try {
    rmSync(path, { recursive: true, force: true });
  } catch {
    // it stays
  }
}
