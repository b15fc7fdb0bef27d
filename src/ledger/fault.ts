// The ledger's own failures. What a verification finds wrong is a value (verify.ts), never one of these.

import { Fault } from "../domain/fault.ts";

export type BookCode =
  /** The state directory or the store cannot be written: permissions, full disk, failed write. Final for this book. */
  | "unwritable"
  /** The record is not what this writer may continue: rolled back, another key, a format we do not know. Final. */
  | "damaged"
  /** Another writer kept the lock too long. Final. */
  | "locked"
  /** The writer ended unasked. Final. */
  | "ended"
  /** This entry breaks the schema of an entry; the book goes on. */
  | "schema"
  /** This entry's sealed content passes its bound; the book goes on. */
  | "too-large"
  /** Too much is waiting for the disk; the book goes on. */
  | "busy"
  /** The book was closed by its owner. */
  | "closed"
  /** There is no record here (reading only). */
  | "absent";

export type BookFault = Fault<BookCode>;

/** What a Fault is between threads. */
export interface FaultData {
  readonly code: BookCode;
  readonly message: string;
  readonly hint: string | undefined;
  readonly cause: string | undefined;
}

export function bookFault(code: BookCode, message: string, hint?: string, cause?: unknown): BookFault {
  return new Fault({ code, message, ...(hint === undefined ? {} : { hint }), cause });
}

/** Any error → what is told across the thread; what is not ours is a write that failed. */
export function packFault(error: unknown): FaultData {
  if (error instanceof Fault && isBookCode(error.code))
    return { code: error.code, message: error.message, hint: error.hint, cause: describe(error.cause) };
  return {
    code: "unwritable",
    message: `the record cannot be written: ${describe(error)}`,
    hint: adviseOn(error),
    cause: describe(error),
  };
}

function adviseOn(error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "EMFILE" || code === "ENFILE") return "allow more open files (ulimit -n), then start again";
  if (code === "ENOENT") return "put the state directory back where it was, then start again";
  return "free space on the disk that holds the state directory, or mend it, then start again";
}

export function unpackFault(data: FaultData): BookFault {
  return bookFault(data.code, data.message, data.hint, data.cause);
}

const codes: Readonly<Record<BookCode, true>> = {
  unwritable: true,
  damaged: true,
  locked: true,
  ended: true,
  schema: true,
  "too-large": true,
  busy: true,
  closed: true,
  absent: true,
};

function isBookCode(code: string): code is BookCode {
  return Object.hasOwn(codes, code);
}

function describe(error: unknown): string | undefined {
  if (error === undefined) return undefined;
  return error instanceof Error ? error.message : JSON.stringify(error);
}
