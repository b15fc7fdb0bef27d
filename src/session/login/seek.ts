// The first seeker, for credentials that change while a session runs: built anew whenever a login's tokens, or those a server handed out, are others.

import type { Seek } from "../../domain/finding.ts";
import type { Credential } from "../../domain/reach.ts";
import type { OpenSieve } from "../../domain/sieve.ts";
import { type Guarded, seekKnown, sieveKnown } from "../../inspection/known.ts";
import type { Keep } from "./keep.ts";

export interface Seekers {
  readonly seek: Seek;
  readonly openSieve: OpenSieve;
}

export interface Kept {
  readonly id: string;
  readonly keep: Keep;
}

/** `credentials` that come and go have a revision. */
export function seekAll(
  credentials: readonly Credential[],
  logins: readonly Kept[],
  changed = (): string => "",
): Seekers {
  let built: { readonly revision: string; readonly seekers: Seekers } | undefined;
  const now = (): Seekers => {
    const revision = [changed(), ...logins.map(({ keep }) => keep.revision())].join();
    if (built?.revision === revision) return built.seekers;
    const guarded: readonly Guarded[] = [...credentials, ...logins.flatMap(guard)];
    built = { revision, seekers: { seek: seekKnown(guarded), openSieve: sieveKnown(guarded) } };
    return built.seekers;
  };
  return { seek: (part) => now().seek(part), openSieve: () => now().openSieve() };
}

function guard({ id, keep }: Kept): Guarded[] {
  return [
    ...keep.secrets().map((secret) => ({ id, secret })),
    ...Object.values(keep.marks).map((placeholder) => ({ id, placeholder })),
  ];
}
