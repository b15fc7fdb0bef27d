// What was found of a policy's `hide` and `mask` in the trees of a session.

interface Named {
  /** Real. */
  readonly path: string;
  /** By which it is meant. */
  readonly glob: string;
}

export interface Hidden extends Named {
  readonly directory: boolean;
}

export interface Masked extends Named {
  /** What is shown in its stead. */
  readonly text: string;
}

export interface Concealed {
  readonly hidden: readonly Hidden[];
  readonly masked: readonly Masked[];
  /** To be masked, and hidden: their format is not known, or not to its end. Real paths. */
  readonly whole: readonly string[];
}
