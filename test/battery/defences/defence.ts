// What a defence is to the registry: a place in the source where it can be taken out, and probes that then get through.

export interface Edit {
  /** From the project's root. */
  readonly file: string;
  /** Stands there exactly once, white space aside. */
  readonly from: string;
  readonly to: string;
}

export interface Defence {
  readonly id: string;
  /** One line: what it keeps from happening. */
  readonly what: string;
  /** What takes it out, and nothing else. */
  readonly without: readonly Edit[];
  /** Probes of the battery: at least one must be red without it. */
  readonly probes: readonly string[];
  readonly edits?: "staged";
  /** Red is that it lies there for longer than this (seconds), where it is put away all the same. */
  readonly slower?: number;
}

/** One edit, the usual case. */
export const swap = (file: string, from: string, to: string): readonly Edit[] => [{ file, from, to }];
