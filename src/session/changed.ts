// What a run left changed in its checkouts, or in copies of them: as the record, the summary and the person are told.

import type { FileChange, HeldFile, StagedTree } from "./summary.ts";

export interface Changes {
  readonly changed: readonly FileChange[];
  readonly held: readonly HeldFile[];
  /** What was put away at the end, and why; what was put away before is on the record already. */
  readonly swept: readonly { readonly path: string; readonly pattern: string; readonly why: string }[];
  /** Control files that are new or say something else in a private copy, where nothing runs them. */
  readonly planted: readonly { readonly path: string; readonly pattern: string }[];
  /** Made or changed in a private copy where the policy hides or masks: it does not land. */
  readonly veiled: readonly { readonly path: string; readonly rule: string }[];
  readonly undo: boolean;
  /** Where the changes lie, when they have not been made in the checkout. */
  readonly staged: readonly StagedTree[];
  /** What a person should be told that fits nowhere else. */
  readonly warnings: readonly string[];
}

export function joinChanges(closed: readonly Changes[]): Changes {
  return {
    changed: closed.flatMap((one) => one.changed),
    held: closed.flatMap((one) => one.held),
    swept: closed.flatMap((one) => one.swept),
    planted: closed.flatMap((one) => one.planted),
    veiled: closed.flatMap((one) => one.veiled),
    undo: closed.every((one) => one.undo),
    staged: closed.flatMap((one) => one.staged),
    warnings: closed.flatMap((one) => one.warnings),
  };
}
