// What of the checkout is not shown as it is: files hidden and masked by the policy, and where they are covered.

import type { Mount } from "../boundary/contract.ts";
import type { Policy } from "../policy/policy.ts";
import type { Veiled } from "../policy/veil.ts";
import type { Concealed } from "../review/veil/concealed.ts";

export interface View extends Concealed {
  /** Mounts over all of these, so that none of them shows what is hidden; for after the last. */
  readonly covers: (mounts: readonly Mount[]) => readonly Mount[];
  /** The rule by which this path inside is hidden or masked: by its place, or by its name where a directory above was moved. */
  readonly ruleOf: (path: string) => string | undefined;
  /** Hidden and masked files that git has all the same, by their paths in the checkout. */
  readonly committed: readonly string[];
}

/** Nothing is hidden, nothing masked. */
export const wholeView: View = {
  hidden: [],
  masked: [],
  whole: [],
  told: [],
  committed: [],
  covers: () => [],
  ruleOf: () => undefined,
};

/** The id of the rule with this glob; of another name of a file that is meant: the key alone. */
export function ruleOf({ rules }: Pick<Policy["files"], "rules">, { kind, glob }: Veiled): string {
  return rules[`${kind}:${glob}`] ?? `files.${kind}`;
}
