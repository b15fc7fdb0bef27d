// SHA-256 of a program's file, streamed, and remembered by who the file is, for some are hundreds of megabytes. Enters: a
// path, a file of remembered digests in the state directory (ours; a broken one is written anew).

import { createHash } from "node:crypto";
import { createReadStream, readFileSync, renameSync, type Stats, statSync, writeFileSync } from "node:fs";
import { type Digest, parseDigest } from "../domain/brand.ts";
import { limits } from "./limits.ts";

/** Rejects where the file cannot be read. Change time counts, so a file written anew with its old times is not mistaken. */
export async function digestFile(path: string, remembered: string | undefined): Promise<Digest> {
  const before = identity(path, statSync(path));
  const known = remembered === undefined ? new Map<string, Digest>() : readDigests(remembered);
  const digest = known.get(before) ?? (await hash(path));
  // a file that changed meanwhile is not remembered
  if (remembered !== undefined && !known.has(before) && identity(path, statSync(path)) === before) {
    writeDigests(remembered, known.set(before, digest));
  }
  return digest;
}

async function hash(path: string): Promise<Digest> {
  const sum = createHash("sha256");
  for await (const chunk of createReadStream(path, { highWaterMark: 1024 * 1024 })) sum.update(chunk);
  const digest = parseDigest(sum.digest("hex"));
  if (digest === undefined) throw new Error("not a digest");
  return digest;
}

function identity(path: string, stats: Stats): string {
  return [path, stats.dev, stats.ino, stats.size, stats.mtimeMs, stats.ctimeMs].join("\0");
}

function readDigests(file: string): Map<string, Digest> {
  const known = new Map<string, Digest>();
  try {
    if (statSync(file).size > limits.digestBytes) return known;
    const entries: unknown = JSON.parse(readFileSync(file, "utf8"));
    for (const [key, value] of Object.entries(typeof entries === "object" && entries !== null ? entries : {})) {
      const digest = typeof value === "string" ? parseDigest(value) : undefined;
      if (digest !== undefined) known.set(key, digest);
    }
  } catch {
    // none yet, or broken: everything is hashed once more
  }
  return known;
}

function writeDigests(file: string, known: ReadonlyMap<string, Digest>): void {
  const next = `${file}.${process.pid}`;
  try {
    writeFileSync(next, JSON.stringify(Object.fromEntries([...known].slice(-limits.digests))), { mode: 0o600 });
    renameSync(next, file);
  } catch {
    // only a convenience: without it the next run hashes again
  }
}
