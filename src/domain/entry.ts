// One line of the record, as the rooms hand it over. The ledger adds sequence, time, pseudonyms, commitments; the final
// leaf is `docs/spec/leaf.md`.

import type { Purpose } from "./reach.ts";
import type { VerdictKind } from "./verdict.ts";

export const entryKinds = [
  "session.start",
  "session.stop",
  "exec",
  "connection",
  "request",
  "reply",
  "refusal",
  "name",
  "credential",
  "control-file",
  "hidden-file",
  "approval",
  "landing",
  "heartbeat",
  "proof",
  "bound",
] as const;
export type EntryKind = (typeof entryKinds)[number];

/** What may be counted in a leaf: bytes and items, never a value that identifies anything. The set is part of the leaf's format. */
export const measures = [
  "bytes-in",
  "bytes-out",
  "connections",
  "control-files",
  "credentials",
  "datagrams",
  "duration-ms",
  "entries",
  "execs",
  "exit-code",
  "files-added",
  "files-changed",
  "files-deleted",
  "files-held",
  "files-hidden",
  "files-masked",
  "files-quarantined",
  "findings",
  "findings-covert",
  "findings-credential",
  "findings-personal",
  "findings-placeholder",
  "findings-secret",
  "findings-source",
  "findings-transcript",
  "findings-untrusted",
  "items",
  "names",
  "overflow",
  "pending",
  "placeholders",
  "questions",
  "redactions",
  "refusals",
  "replies",
  "requests",
  "rules-granted",
  "rules-held",
  "rules-open",
  "rules-untried",
  "source-hashes",
  "source-lines",
  "spans",
  "status",
  "tokens-in",
  "tokens-out",
  "untrusted-dependency",
  "untrusted-mcp",
  "untrusted-network",
  "transcript-before",
  "transcript-unheard",
  "verdicts-allow",
  "verdicts-ask",
  "verdicts-redact",
  "verdicts-refuse",
  "verdicts-reroute",
] as const;
/** Labels a count may be told apart by. */
export const countLabels = ["personal", "protected", "public", "restricted", "secret"] as const;
/** `bytes-out`, or `bytes-out.restricted`. */
export type Count = (typeof measures)[number] | `${(typeof measures)[number]}.${(typeof countLabels)[number]}`;
export type Counts = Readonly<Partial<Record<Count, number>>>;

export interface Entry {
  readonly kind: EntryKind;
  readonly verdict?: VerdictKind;
  readonly rule?: string;
  readonly purpose?: Purpose;
  /** Whole numbers. */
  readonly counts?: Counts;
  /** Everything erasable: names, hosts, paths, arguments. Sealed; never in the leaf. */
  readonly sealed?: Readonly<Record<string, unknown>>;
}

export interface Receipt {
  /** Position in the record, from 0. */
  readonly index: number;
}

/** `now`: somebody waits for the receipt before anything goes on. `soon`: nobody does, so it may wait for company, milliseconds. */
export type Haste = "now" | "soon";

/**
 * An entry → a receipt, once it is durable. Rejects when the record cannot be written; then nothing may leave. Entries become
 * durable in the order in which they were handed over, whatever their haste; `now` where none is given.
 */
export type Append = (entry: Entry, haste?: Haste) => Promise<Receipt>;
