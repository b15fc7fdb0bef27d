// What of the machine everything inside may have together, and what is said where it is reached.

export const bounds = ["memory", "processes", "scratch", "scratch-files"] as const;
export type Bound = (typeof bounds)[number];

/** A bound that was reached: things failed inside for it, at least so often. */
export interface Reached {
  readonly bound: Bound;
  readonly times: number;
}

const sentences: Readonly<Record<Bound, string>> = {
  memory: "memory ran out, and a program was ended",
  processes: "no more processes were to be had",
  scratch: "the temporary directories were full",
  "scratch-files": "the temporary directories had no room for more files",
};

/** For a person. */
export const sayBound = (bound: Bound): string => sentences[bound];
