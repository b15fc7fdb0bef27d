// An attempt inside to change what is held: the walls refuse it, and it is told, for the refusal itself leaves no trace.

/** *Attacker-controlled*, all of it but the number. */
export interface Attempt {
  /** The system call by its name. */
  readonly call: string;
  /** Absolute, links followed, as seen inside. */
  readonly path: string;
  /** As seen inside; undefined where it had gone before it was looked at. */
  readonly pid: number | undefined;
  readonly executable: string;
}
