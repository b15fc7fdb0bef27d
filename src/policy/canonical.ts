// A value → canonical JSON (keys sorted, no spaces, undefined left out) → its SHA-256. One policy, one digest.

import { createHash } from "node:crypto";
import type { Digest } from "../domain/brand.ts";
import { parseDigest } from "../domain/brand.ts";

/** Plain data only: objects, lists, strings, finite numbers, booleans, null. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item ?? null)).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const pairs = Object.entries(value)
    .filter(([, item]) => item !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, item]) => `${JSON.stringify(key)}:${canonicalJson(item)}`);
  return `{${pairs.join(",")}}`;
}

export function sha256(bytes: string | Uint8Array): Digest {
  const digest = parseDigest(createHash("sha256").update(bytes).digest("hex"));
  if (digest === undefined) throw new Error("unreachable: SHA-256 is 64 hexadecimal characters");
  return digest;
}
