// The store as a reader sees it: one moment of it, whatever is written meanwhile. Rows leave as they stand —
// attacker-controlled where the record is being verified — with nothing believed but their types.

import { existsSync } from "node:fs";
import { DatabaseSync, type SQLInputValue, type SQLOutputValue, type StatementSync } from "node:sqlite";
import { bookFault } from "./fault.ts";
import { sealedParts } from "./limits.ts";
import { applicationId, formatVersion } from "./store.ts";

export interface EntryRow {
  readonly position: number;
  readonly leaf: Uint8Array;
  readonly hash: Uint8Array;
  readonly session: string;
  readonly kind: string;
}

export interface HeadRow {
  readonly size: number;
  readonly note: string;
}

export interface SealedRow {
  readonly entry: number;
  readonly part: number;
  readonly kid: string;
  readonly key: Uint8Array;
  /** Null once it was erased. */
  readonly body: Uint8Array | null;
}

/** Opens for reading; throws a BookFault (`absent`, or `damaged` for another program's or a later version's file). */
export function openStoreForReading(path: string): DatabaseSync {
  if (!existsSync(path))
    throw bookFault("absent", `there is no record at ${path}`, "run a tool first: postern run -- TOOL");
  const database = new DatabaseSync(path, { readOnly: true, timeout: 5000 });
  const read = (name: string): unknown => database.prepare(`PRAGMA ${name}`).get()?.[name];
  if (read("application_id") === applicationId && read("user_version") === formatVersion) return database;
  database.close();
  throw bookFault("damaged", `the file ${path} is not a record this version can read`, "use the version that wrote it");
}

/** Rows as arrays: half the cost of objects over a long record. */
export function prepareArrays(database: DatabaseSync, sql: string): StatementSync {
  const statement = database.prepare(sql);
  statement.setReturnArrays(true);
  return statement;
}

type Cells = readonly SQLOutputValue[];
type Parse<Row> = (cells: Cells) => Row | undefined;

/** Lazily; ends at the first row whose types are not the schema's with `undefined`, so that a walk notices. */
export function* readRows<Row>(
  statement: StatementSync,
  parse: Parse<Row>,
  ...given: SQLInputValue[]
): Generator<Row | undefined> {
  // node:sqlite types rows as records; with setReturnArrays they are arrays
  for (const cells of statement.iterate(...given) as Iterable<unknown>)
    yield Array.isArray(cells) ? parse(cells) : undefined;
}

export function parseEntryRow([position, leaf, hash, session, kind]: Cells): EntryRow | undefined {
  if (typeof position !== "number" || !(leaf instanceof Uint8Array) || !(hash instanceof Uint8Array)) return undefined;
  return typeof session === "string" && typeof kind === "string" ? { position, leaf, hash, session, kind } : undefined;
}

export function parseHeadRow([size, note]: Cells): HeadRow | undefined {
  return typeof size === "number" && typeof note === "string" ? { size, note } : undefined;
}

export function parseSealedRow([place, kid, key, body]: Cells): SealedRow | undefined {
  if (typeof place !== "number" || typeof kid !== "string" || !(key instanceof Uint8Array)) return undefined;
  if (body !== null && !(body instanceof Uint8Array)) return undefined;
  return { entry: Math.floor(place / sealedParts), part: place % sealedParts, kid, key, body };
}

export function parseTallyRow([kind, count]: Cells): readonly [string, number] | undefined {
  return typeof kind === "string" && typeof count === "number" ? [kind, count] : undefined;
}
