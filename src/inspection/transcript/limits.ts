// What is remembered of what was delivered, at most. Once it is full nothing is added.

export const memoryLimits = {
  /** Names of texts, calls and results. */
  names: 200_000,
  /** Requests, with what they were answered. */
  exchanges: 20_000,
  /** Places in histories, all together. */
  places: 8_000_000,
  /** Blocks of one history, the last of it; what stands before them is not looked up. */
  blocks: 100_000,
  /** Elements, blocks and results of one history, so that the next that begins as it does is told from there on. */
  kept: 20_000,
  /** Requests whose reply is waited for. */
  open: 200,
  /** Of one name: requests that are remembered as answered with it. */
  answers: 8,
  /** Texts that were cut, and characters of them all. */
  cuts: 200,
  cut: 8_000_000,
  /** Characters that are compared with them, of one request. */
  likened: 4_000_000,
};

export type MemoryLimits = typeof memoryLimits;
