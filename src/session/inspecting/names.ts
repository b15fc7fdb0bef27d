// Names that a body gives to things, on their way to the record: bounded, and none in which a secret stands. Whoever writes a body chooses
// its fields too. *Attacker-controlled*.

import type { Drift } from "../../domain/span.ts";
import type { SeekText } from "../../inspection/inspect.ts";
import type { Looked } from "./transcripts.ts";

export interface Names {
  /** The fields that lead somewhere. */
  readonly ofPath: (path: string) => string;
  readonly ofDrift: (drift: Drift) => Drift;
  /** A name by itself: an identifier, a tool. */
  readonly ofName: (name: string) => string;
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
  const ofName = (name: string): string =>
    name.length > longestName ? `(${name.length} characters)` : isSecret(name) ? "(a secret)" : name;
  return {
    ofPath,
    ofName,
    ofDrift: ({ what, path, seen }) => ({ what, path: ofPath(path), seen: ofName(seen) }),
  };
}

/** Whoever tells a history chooses identifiers and tools' names too. */
export function nameTranscript({ transcript, asked }: Looked, { ofPath, ofName }: Names): Looked {
  if (transcript === undefined) return { transcript, asked };
  const findings = transcript.findings.map(({ kind, what, path, call, tool }) => ({
    kind,
    what,
    path: ofPath(path),
    ...(call === undefined ? {} : { call: ofName(call) }),
    ...(tool === undefined ? {} : { tool: ofName(tool) }),
  }));
  return { transcript: { ...transcript, findings }, asked };
}
