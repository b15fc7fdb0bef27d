// What a person trusted: one line a grant, kept in the state directory by the command line. A line that cannot be read
// trusts nothing.

import type { Digest } from "../domain/brand.ts";
import { parseDigest } from "../domain/brand.ts";

export interface Trust {
  /** The policy file that was read and trusted. */
  readonly path: string;
  /** As `Policy.untrusted` gives it: the file's bytes and the authorities it names. */
  readonly digest: Digest;
  readonly by: string;
  readonly at: Date;
}

/** One line of the trust store, with its line feed. */
export function trustRecord({ path, digest, by, at }: Trust): string {
  return `${JSON.stringify({ digest, path, by, at: at.toISOString() })}\n`;
}

/** The trust store's text → the lookup that `readPolicy` asks, for policies that lie in this workspace. */
export function parseTrust(text: string, workspace: string): (digest: Digest) => boolean {
  const trusted = new Set(text.split("\n").flatMap((line) => digestOf(line, workspace) ?? []));
  return (digest) => trusted.has(digest);
}

function digestOf(line: string, workspace: string): Digest | undefined {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value !== "object" || value === null || !("digest" in value) || !("path" in value)) return undefined;
    const { digest, path } = value;
    const lies = typeof path === "string" && path.startsWith(`${workspace}/`);
    return lies && typeof digest === "string" ? parseDigest(digest) : undefined;
  } catch {
    return undefined;
  }
}
