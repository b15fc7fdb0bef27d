// Digests of large executed files, kept between sessions: hashing a runtime of a hundred megabytes takes longer than most
// commands. By who the file is, its time of change included; ours, and a broken one is begun anew.

import { readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Digest, parseDigest } from "../domain/brand.ts";

export interface DigestFile {
  /** Grows while the session runs. */
  readonly known: Map<string, Digest>;
  /** Where it has grown. Only a convenience: what cannot be kept is hashed once more. */
  readonly save: () => void;
}

/** Large programs one person uses; and the bytes such a file may have. */
const most = 500;
const bytes = 200_000;

export function openDigestFile(state: string): DigestFile {
  const file = join(state, "executables.json");
  const known = readDigests(file);
  const before = known.size;
  return {
    known,
    save: () => {
      if (known.size === before) return;
      const next = `${file}.${process.pid}`;
      try {
        writeFileSync(next, JSON.stringify([...known].slice(-most)), { mode: 0o600 });
        renameSync(next, file);
      } catch {
        // no room
      }
    },
  };
}

function readDigests(file: string): Map<string, Digest> {
  try {
    if (statSync(file).size > bytes) return new Map();
    const pairs: unknown = JSON.parse(readFileSync(file, "utf8"));
    if (!Array.isArray(pairs)) return new Map();
    return new Map(
      pairs.flatMap((pair: unknown) => {
        const [key, text]: readonly unknown[] = Array.isArray(pair) ? pair : [];
        const digest = typeof text === "string" ? parseDigest(text) : undefined;
        return typeof key === "string" && digest !== undefined ? [[key, digest] as const] : [];
      }),
    );
  } catch {
    return new Map();
  }
}
