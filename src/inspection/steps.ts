// What inspection has done in this thread, counted where it is done: cost held to proportion without a clock. Nothing is decided by it.

export interface Steps {
  /** UTF-16 units of texts that seekers were given, those within texts too. */
  scanned: number;
  /** Patterns that were tried at a place. */
  tried: number;
  /** Texts opened within texts, and units of what they were written in. */
  opened: number;
  decoded: number;
  /** Passages of texts asked for among those of source, and lines compared. */
  looked: number;
  compared: number;
  /** Where histories are compared: blocks and pairs of them, and units of texts that were cut. */
  aligned: number;
}

export const steps: Steps = { scanned: 0, tried: 0, opened: 0, decoded: 0, looked: 0, compared: 0, aligned: 0 };
