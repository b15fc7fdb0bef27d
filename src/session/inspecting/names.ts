// Names that a body gives to things, on their way to the record: bounded, and none in which a secret stands. Whoever writes a body chooses
// its fields too. *Attacker-controlled*.

import type { Drift } from "../../domain/span.ts";
import type { SeekText } from "../../inspection/inspect.ts";

export interface Names {
  /** The fields that lead somewhere. */
  readonly ofPath: (path: string) => string;
  readonly ofDrift: (drift: Drift) => Drift;
}

const longestPath = 200;
/** A name that is longer is none, and a part of what is longer could be a part of a secret. */
const longestName = 64;

export function openNames(seek: SeekText): Names {
  const known = new Map<string, boolean>();
  const isSecret = (text: string): boolean => {
    const before = known.get(text);
    if (before !== undefined) return before;
    const found = seek(text).some(({ kind, sure }) => kind === "closed" || (kind === "secret" && sure !== "generic"));
    if (known.size < 10_000) known.set(text, found);
    return found;
  };
  const isNameless = (path: string): boolean => path.split(/[.[\]]/).some((name) => name.length > longestName);
  const ofPath = (path: string): string =>
    isNameless(path) || isSecret(path) ? "(a field that is no name)" : path.slice(0, longestPath);
  return {
    ofPath,
    ofDrift: ({ what, path, seen }) => {
      const told = seen.length > longestName ? `(${seen.length} characters)` : isSecret(seen) ? "(a secret)" : seen;
      return { what, path: ofPath(path), seen: told };
    },
  };
}
