// What a verification says: the record holds, with what it holds; or the first thing found wrong, with where it is.

export interface SessionCount {
  readonly entries: number;
  /** Index of its first and of its last entry. */
  readonly first: number;
  readonly last: number;
}

export interface Holds {
  readonly kind: "ok";
  readonly origin: string;
  /** The key every signature was checked against, as signed-note writes it. */
  readonly vkey: string;
  readonly size: number;
  /** Base64, as the checkpoint writes it. */
  readonly root: string;
  /** Signed heads kept, every one checked. */
  readonly heads: number;
  readonly sessions: ReadonlyMap<string, SessionCount>;
  /** Sealed parts: `open`, ciphertext whole and its key here; `closed`, whole but no key here; `gone`, neither is left. */
  readonly sealed: { readonly open: number; readonly closed: number; readonly gone: number };
  /** Size of the head kept elsewhere that this record was found to continue. */
  readonly continues: number | undefined;
}

export type Flaw =
  /** The file is damaged, or its rows are not of the schema's types. */
  | "store"
  /** The verifier key is missing or malformed, or a head kept elsewhere was signed by another. */
  | "key"
  /** An entry does not match its stored hash. */
  | "changed"
  /** An entry is not there. */
  | "missing"
  /** An entry stands where none can be. */
  | "inserted"
  /** An entry's leaf is not of the leaf's form. */
  | "malformed"
  /** An entry is filed under another session or kind than its leaf says. */
  | "misfiled"
  /** An entry names a previous head that this record never had. */
  | "previous"
  /** What was sealed with an entry was changed or taken away. */
  | "sealed"
  /** Entries are not those a genuine head was signed over: rewritten, inserted, deleted or reordered, hashes and all. */
  | "history"
  /** A kept head was changed. */
  | "head"
  /** A kept head bears no valid signature. */
  | "signature"
  /** Entries at the end that no head was signed over. */
  | "unsigned"
  /** What the next append would start from does not fit the entries. */
  | "frontier"
  /** Shorter than a head that was signed: cut off or put back. */
  | "rollback"
  /** Another history than the one a head kept elsewhere was signed over. */
  | "fork"
  /** The head kept elsewhere is of another log, or no head at all. */
  | "origin"
  /** The session asked for has no entry. */
  | "session";

export interface Invalid {
  readonly kind: "invalid";
  readonly what: Flaw;
  /** The first bad entry; undefined where the flaw is not in an entry. Where only a range is known: its first. */
  readonly index: number | undefined;
  /** One past the last entry the flaw may be in: `index + 1` where it is known exactly. */
  readonly end: number | undefined;
  /** For the person: lower case, no full stop. */
  readonly sentence: string;
}

export type Verification = Holds | Invalid;

export function invalid(what: Flaw, sentence: string, index?: number, end?: number): Invalid {
  return { kind: "invalid", what, index, end: end ?? (index === undefined ? undefined : index + 1), sentence };
}

/** `entry 7`, or `one of the entries 7 to 11`. */
export function nameEntries(index: number, end: number): string {
  return end - index <= 1 ? `entry ${index}` : `one of the entries ${index} to ${end - 1}`;
}
