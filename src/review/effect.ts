// What a person says yes to: exactly this command, of exactly this program, in exactly this directory. What it does beyond
// that — files it reads, its environment, who answers it — is not part of it.

import type { Digest } from "../domain/brand.ts";
import type { ExecutedFile, Execution } from "../domain/execution.ts";
import { canonicalJson, sha256 } from "../policy/canonical.ts";

export interface Effect {
  /** Attacker-controlled, like everything here. */
  readonly arguments: readonly string[];
  readonly directory: string;
  readonly executable: string;
  readonly sha256: Digest;
  readonly interpreters: readonly ExecutedFile[];
}

/** Why this cannot be shown and bound whole, or what can. */
export function effectOf(execution: Execution): Effect | string {
  const { arguments: words, directory, executable, sha256: digest, interpreters, whole } = execution;
  if (!whole) return "its arguments are too long or no text, and cannot be shown whole";
  if (digest === undefined || interpreters.some((one) => one.sha256 === undefined))
    return "its program cannot be read, and an answer could not be bound to it";
  return { arguments: words, directory, executable, sha256: digest, interpreters };
}

export function digestEffect(effect: Effect): Digest {
  return sha256(canonicalJson(effect));
}
