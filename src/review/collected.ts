// What one walk over a workspace gives: what is held, what was found, what is odd.

import type { Digest } from "../domain/brand.ts";
import type { Leaf } from "./leaf.ts";

/** One thing that is made read-only for a session. */
export interface Held {
  /** Relative to the workspace. */
  readonly path: string;
  /** A link cannot be mounted over: what it points to is held beside it, and the sweep notices when it is replaced. */
  readonly kind: "file" | "directory" | "symlink";
  readonly pattern: string;
  readonly sha256: Digest | undefined;
  readonly device: number;
  readonly inode: number;
}

export interface Odd {
  readonly path: string;
  readonly what: string;
}

/** What a person's own configuration names in a checkout. */
export interface Personal {
  /** Files, and directories of hooks, relative to the top of each working tree. */
  readonly places: readonly string[];
  /** Relative to the checkout. */
  readonly files: readonly string[];
  /** Of a private copy, whose git directories lie elsewhere: where its working trees begin. */
  readonly tops?: readonly string[];
}

/** What is known of a checkout beside what lies in it. */
export interface Surroundings {
  /** Our state directory, real path, where the walk was to know it: tools write there (their private homes), and nobody sweeps it. */
  readonly ours?: string;
  readonly personal?: Personal;
}

export interface Collected extends Surroundings {
  /** Nothing of it was unwritable inside: whoever changed a control file, it may have been the tool. */
  readonly unheld?: boolean;
  /** Real path. */
  readonly workspace: string;
  /** When the walk began, milliseconds since the epoch. */
  readonly taken: number;
  readonly held: readonly Held[];
  /** Git directories, relative; each is bound on itself so that it cannot be renamed. */
  readonly repositories: readonly string[];
  /** Every git directory whose parts were looked at, those of worktrees too. */
  readonly entered: ReadonlySet<string>;
  /** Every control file by path, those below held directories too. */
  readonly leaves: ReadonlyMap<string, Leaf>;
  readonly odd: readonly Odd[];
  /** Empty directories, for undo. */
  readonly empty: readonly string[];
  /** Set where the walk met a bound: what lies beyond was not looked at. */
  readonly truncated: string | undefined;
}
