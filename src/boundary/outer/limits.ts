// Every bound of what is done with a place that somebody else built, a sentence each.

export const outerLimits = {
  /** Milliseconds from starting what leads inside to the first word from there: an engine may take seconds. */
  startMs: 60_000,
  /** Milliseconds one answer may take; where nothing leads out all of them are there at once. */
  answerMs: 30_000,
  /** Milliseconds for which the tool's end is waited for after it was asked for, before what led inside is killed. */
  goneMs: 3_000,
  /** Milliseconds between two looks, from outside, whether a way out has appeared. */
  lookMs: 1_000,
  /** Connections to the first socket at a time: the program's, and those of sessions that only look; inside could open any number. */
  knocking: 64,
  /** Bytes of one line from inside. */
  lineBytes: 256 * 1024,
  /** Bytes of a Unix socket's path, NUL included (unix(7)). */
  socketBytes: 108,
} as const;
