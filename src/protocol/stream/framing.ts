// A reply's octets, in whatever chunks they come → messages, each with the octets it came in and how it is written again with other
// data. Between them lie octets that are none. All parts together are the octets that came. *Attacker-controlled*.

export interface Framed {
  readonly kind: "message";
  readonly raw: Buffer;
  readonly data: Buffer;
  /** Of its frame, where that says one. */
  readonly type: string;
  /** The same frame around other data. */
  readonly write: (data: Buffer) => Buffer;
}

export interface Unframed {
  readonly kind: "rest";
  readonly raw: Buffer;
  /** From here on nothing is read. */
  readonly isLast?: boolean;
}

export type FramePart = Framed | Unframed;

export interface FrameReader {
  readonly push: (chunk: Buffer) => readonly FramePart[];
  readonly end: () => readonly FramePart[];
}

/** Octets of one message; a longer one is passed on unread. */
export const longestMessage = 16 * 2 ** 20;

export const restOf = (raw: Buffer): readonly FramePart[] => (raw.length === 0 ? [] : [{ kind: "rest", raw }]);
