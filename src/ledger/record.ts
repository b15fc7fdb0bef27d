// The record, for those who read: entries leave lazily, each with what was sealed with it where its key is here, and with
// the names its pseudonyms had. Nothing is verified here (verify.ts does) and nothing written.

import type { DatabaseSync, SQLInputValue } from "node:sqlite";
import { parseCheckpoint } from "./checkpoint.ts";
import { Keyring } from "./keyring.ts";
import { type Commitment, type Leaf, parseLeaf } from "./leaf.ts";
import { sealedParts } from "./limits.ts";
import { Names } from "./names.ts";
import { placesIn } from "./places.ts";
import {
  openStoreForReading,
  parseEntryRow,
  parseHeadRow,
  parseSealedRow,
  parseTallyRow,
  prepareArrays,
  readRows,
  type SealedRow,
} from "./reading.ts";
import { unseal } from "./seal.ts";
import { isObject } from "./table.ts";
import type { Head } from "./writer.ts";

export interface RecordedEntry {
  readonly index: number;
  readonly leaf: Leaf;
  /** `destroyed`: its key is gone; `damaged`: its key is here and does not open it; undefined: nothing was sealed. */
  readonly sealed: Readonly<Record<string, unknown>> | "destroyed" | "damaged" | undefined;
  /** Undefined where the pseudonym's name was erased. */
  readonly person: string | undefined;
  readonly host: string | undefined;
}

export interface Selection {
  readonly session?: string | undefined;
  readonly kind?: string | undefined;
  /** First index, inclusive. */
  readonly from?: number | undefined;
  /** Last index, exclusive. */
  readonly to?: number | undefined;
}

export interface ReadableRecord extends Disposable {
  readonly size: () => number;
  /** The newest signed head; undefined in an empty record. */
  readonly head: () => Head | undefined;
  /** In order. Rows that are no entries are passed over: `verify` names them. */
  readonly entries: (selection?: Selection) => Iterable<RecordedEntry>;
  /** How many entries of each kind a session has so far. */
  readonly tally: (session: string) => ReadonlyMap<string, number>;
  /** True when something was written since the last call (or since opening); costs microseconds, for following. */
  readonly changed: () => boolean;
}

/** Throws a BookFault (`absent`, `damaged`) where there is no record that can be read. */
export function openRecord(state: string): ReadableRecord {
  const places = placesIn(state);
  const opened = new OpenRecord(
    openStoreForReading(places.store),
    new Keyring(places.keyring),
    new Names(places.names),
  );
  opened.changed();
  return opened;
}

class OpenRecord implements ReadableRecord {
  readonly #database: DatabaseSync;
  readonly #keyring: Keyring;
  readonly #names: Names;
  #version: unknown;

  constructor(database: DatabaseSync, keyring: Keyring, names: Names) {
    this.#database = database;
    this.#keyring = keyring;
    this.#names = names;
  }

  readonly size = (): number => this.head()?.size ?? 0;

  readonly head = (): Head | undefined => {
    const [row] = readRows(
      prepareArrays(this.#database, "SELECT size, note FROM head ORDER BY size DESC LIMIT 1"),
      parseHeadRow,
    );
    const head = row === undefined ? undefined : parseCheckpoint(row.note);
    if (row === undefined || head === undefined) return undefined;
    return { size: row.size, root: head.root.toString("base64"), origin: head.origin, checkpoint: row.note };
  };

  readonly changed = (): boolean => {
    const version = this.#database.prepare("PRAGMA data_version").get()?.["data_version"];
    const changed = version !== this.#version;
    this.#version = version;
    return changed;
  };

  readonly tally = (session: string): ReadonlyMap<string, number> => {
    const statement = prepareArrays(this.#database, "SELECT kind, count(*) FROM entry WHERE session = ? GROUP BY kind");
    return new Map([...readRows(statement, parseTallyRow, session)].filter((row) => row !== undefined));
  };

  *entries({ session, kind, from, to }: Selection = {}): Generator<RecordedEntry> {
    const conditions: string[] = [];
    const given: SQLInputValue[] = [];
    const where = (condition: string, value: SQLInputValue | undefined): void => {
      if (value === undefined) return;
      conditions.push(condition);
      given.push(value);
    };
    where("session = ?", session);
    where("kind = ?", kind);
    where("position >= ?", from);
    where("position < ?", to);
    const filter = conditions.length === 0 ? "" : `WHERE ${conditions.join(" AND ")}`;
    const sql = `SELECT position, leaf, hash, session, kind FROM entry ${filter} ORDER BY position`;
    this.#keyring.refresh();
    this.#names.refresh();
    for (const row of readRows(prepareArrays(this.#database, sql), parseEntryRow, ...given)) {
      const leaf = row === undefined ? undefined : parseLeaf(row.leaf);
      if (row !== undefined && leaf !== undefined) yield this.#describe(row.position, leaf);
    }
  }

  #describe(index: number, leaf: Leaf): RecordedEntry {
    const [person, host] = [this.#names.nameOf(leaf.person), this.#names.nameOf(leaf.host)];
    const [commitment] = leaf.sealed;
    return { index, leaf, person, host, sealed: commitment === undefined ? undefined : this.#open(index, commitment) };
  }

  #open(index: number, { ct, pt }: Commitment): RecordedEntry["sealed"] {
    const statement = prepareArrays(this.#database, "SELECT place, kid, key, body FROM sealed WHERE place = ?");
    const [row] = readRows(statement, parseSealedRow, index * sealedParts);
    if (row === undefined) return "damaged";
    const kek = this.#keyring.find(row.kid);
    if (kek === undefined) return "destroyed";
    return row.body === null ? "damaged" : parseContent(unseal(whole(row, row.body, { ct, pt }), kek));
  }

  [Symbol.dispose](): void {
    this.#database.close();
  }
}

function whole({ kid, key }: SealedRow, body: Uint8Array, { ct, pt }: Pick<Commitment, "ct" | "pt">) {
  return { kid, key: Buffer.from(key), body: Buffer.from(body), ct, pt };
}

function parseContent(plain: Buffer | undefined): Readonly<Record<string, unknown>> | "damaged" {
  if (plain === undefined) return "damaged";
  try {
    const value: unknown = JSON.parse(plain.toString());
    return isObject(value) ? value : "damaged";
  } catch {
    return "damaged";
  }
}
