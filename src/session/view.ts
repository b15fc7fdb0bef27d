// What of the checkout is not shown as it is: files hidden and masked by the policy, and where they are covered.

import type { Blanks, Mount } from "../boundary/contract.ts";
import type { Policy } from "../policy/policy.ts";
import type { Veiled } from "../policy/veil.ts";
import type { Concealed } from "../review/veil/concealed.ts";

export interface View extends Concealed {
  /** Mounts over all of these, so that none of them shows what is hidden; for after the last. */
  readonly covers: (mounts: readonly Mount[]) => readonly Mount[];
  /** The rule by which this path inside is hidden or masked: by its place, or by its name where a directory above was moved. */
  readonly ruleOf: (path: string) => string | undefined;
  /** Of a path of any of the trees, absolute. */
  readonly of: (path: string, directory: boolean) => Veiled | undefined;
  /** Behind a link with this path names may be meant by way of it. */
  readonly leads: (path: string) => boolean;
  /** In a directory that is hidden whole. */
  readonly lies: (path: string) => boolean;
  /** Inside. */
  readonly blanks: Blanks | undefined;
  /** Hidden and masked files that git has all the same, by their paths in the checkout. */
  readonly committed: readonly string[];
}

/** Nothing is hidden, nothing masked. */
export const wholeView: View = {
  hidden: [],
  masked: [],
  whole: [],
  committed: [],
  covers: () => [],
  ruleOf: () => undefined,
  of: () => undefined,
  leads: () => false,
  lies: () => false,
  blanks: undefined,
};

/** As the record names what no single rule is told of. */
export const hiddenFiles = "hidden-files";

/** The id of the rule with this glob; of another name of a file that is meant: that of all of them. */
export function ruleOf({ rules }: Pick<Policy["files"], "rules">, { kind, glob }: Veiled): string {
  return rules[`${kind}:${glob}`] ?? hiddenFiles;
}

/** Nobody inside changes what lies there. */
export function isCovered({ of, lies, hidden, masked }: View, path: string): boolean {
  if (of(path, false) !== undefined || lies(path)) return true;
  return [...hidden, ...masked].some((one) => one.path === path);
}
