// Bounds of what is read of a token endpoint, a sentence each.

export const limits = {
  /** A request for tokens: a code, a verifier, a client; the longest refresh tokens are a few KiB (bytes). */
  request: 65_536,
  /** A reply with tokens: three JWTs of some KiB each (bytes). */
  reply: 262_144,
  /** One token: has to fit into a header (characters). */
  token: 16_384,
  /** Octets of the shortest token: what is shorter could be guessed, and would not be sought. */
  shortest: 16,
  /** A lifetime longer than this is nonsense (seconds): ten years. */
  lifetime: 315_360_000,
  /** Text of any other field of a reply that is passed on (characters). */
  text: 2048,
  /** Levels of what is read at all: whoever nests deeper means the stack of who writes it again. */
  nesting: 64,
  /** Levels of a reply or of a JWT's claims that are passed on. */
  depth: 6,
  /** Members of one object, and items of one array, that are passed on. */
  members: 64,
} as const;
