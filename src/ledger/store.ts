// The store: one SQLite file of leaves, hashes, signed heads and ciphertexts. Rows enter at the end and only there, within
// a transaction the caller's lock guards; the last head and the frontier leave. Nothing here changes or removes an entry
// or a head. Refuses a file of another program or of a later format.

import { closeSync, openSync } from "node:fs";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { bookFault } from "./fault.ts";
import { sealedParts } from "./limits.ts";
import type { Sealed } from "./seal.ts";

/** SQLite's application id: "post". */
export const applicationId = 0x706f7374;
export const formatVersion = 1;

const schema = `
CREATE TABLE entry (
  position INTEGER PRIMARY KEY, leaf BLOB NOT NULL, hash BLOB NOT NULL, session TEXT NOT NULL, kind TEXT NOT NULL
) STRICT;
CREATE INDEX entry_session ON entry (session);
CREATE TABLE head (size INTEGER PRIMARY KEY, note TEXT NOT NULL) STRICT;
CREATE TABLE frontier (only INTEGER PRIMARY KEY CHECK (only = 0), size INTEGER NOT NULL, nodes BLOB NOT NULL) STRICT;
CREATE TABLE sealed (place INTEGER PRIMARY KEY, kid TEXT NOT NULL, key BLOB NOT NULL, body BLOB) STRICT;
PRAGMA application_id = ${applicationId};
PRAGMA user_version = ${formatVersion};
`;

/** An entry as it is stored. */
export interface Row {
  readonly leaf: Buffer;
  readonly hash: Buffer;
  readonly session: string;
  readonly kind: string;
  readonly sealed: readonly Sealed[];
}

export interface Tip {
  readonly size: number;
  /** The signed note of that size; undefined in an empty store. */
  readonly note: string | undefined;
  readonly nodes: Uint8Array;
}

export class Store implements Disposable {
  readonly #database: DatabaseSync;
  readonly #insert: Readonly<Record<"entry" | "head" | "frontier" | "sealed", StatementSync>>;
  readonly #tip: StatementSync;
  readonly #begin: StatementSync;
  readonly #commit: StatementSync;

  /** Called under the record's lock; makes the store where it is missing. */
  constructor(path: string) {
    closeSync(openSync(path, "a", 0o600)); // before SQLite would make it readable by others; its own files take this mode over
    this.#database = new DatabaseSync(path, { timeout: 5000 });
    this.#database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 2000;");
    const prepare = (sql: string): StatementSync => this.#database.prepare(sql);
    this.#begin = prepare("BEGIN IMMEDIATE");
    this.#commit = prepare("COMMIT");
    this.#prepareFormat(path);
    this.#insert = {
      entry: prepare("INSERT INTO entry (position, leaf, hash, session, kind) VALUES (?, ?, ?, ?, ?)"),
      head: prepare("INSERT INTO head (size, note) VALUES (?, ?)"),
      frontier: prepare("REPLACE INTO frontier (only, size, nodes) VALUES (0, ?, ?)"),
      sealed: prepare("INSERT INTO sealed (place, kid, key, body) VALUES (?, ?, ?, ?)"),
    };
    this.#tip = prepare(`SELECT h.size, h.note, f.nodes FROM frontier f LEFT JOIN head h ON h.size = f.size
      WHERE f.size = (SELECT max(size) FROM head) AND f.size = (SELECT max(position) + 1 FROM entry)`);
  }

  #prepareFormat(path: string): void {
    const read = (name: string): unknown => this.#database.prepare(`PRAGMA ${name}`).get()?.[name];
    const [application, version] = [read("application_id"), read("user_version")];
    if (application === applicationId && version === formatVersion) return;
    const tables = this.#database.prepare("SELECT count(*) AS n FROM sqlite_schema").get()?.["n"];
    if (application !== 0 || version !== 0 || tables !== 0)
      throw bookFault(
        "damaged",
        `the file ${path} is not a record this version can continue`,
        "use the version that wrote it",
      );
    this.#transact(() => this.#database.exec(schema));
  }

  /** All of it is durable when this returns; on an error none of it is, and the store must not be written to again. */
  #transact<Result>(work: () => Result): Result {
    this.#begin.run();
    const result = work();
    this.#commit.run();
    return result;
  }

  /** Under the lock: hands the tip to `work` and takes what it returns for the new rows and the head over them. */
  extend<Extended extends Extension>(work: (tip: Tip) => Extended): Extended {
    return this.#transact(() => {
      const tip = this.tip();
      const extension = work(tip);
      for (const [offset, row] of extension.rows.entries()) this.#add(tip.size + offset, row);
      this.#insert.head.run(extension.size, extension.note);
      this.#insert.frontier.run(extension.size, extension.nodes);
      return extension;
    });
  }

  /** Throws a BookFault (`damaged`) where entries, heads and frontier do not end at the same size. */
  tip(): Tip {
    const row = this.#tip.get();
    if (row === undefined) return this.#emptyTip();
    const { size, note, nodes } = row;
    if (typeof size !== "number" || typeof note !== "string" || !(nodes instanceof Uint8Array)) throw disagreement();
    return { size, note, nodes };
  }

  #emptyTip(): Tip {
    const sql =
      "SELECT (SELECT count(*) FROM head) + (SELECT count(*) FROM frontier) + EXISTS (SELECT 1 FROM entry) AS n";
    if (this.#database.prepare(sql).get()?.["n"] !== 0) throw disagreement();
    return { size: 0, note: undefined, nodes: new Uint8Array() };
  }

  #add(position: number, { leaf, hash, session, kind, sealed }: Row): void {
    this.#insert.entry.run(position, leaf, hash, session, kind);
    for (const [part, { kid, key, body }] of sealed.entries())
      this.#insert.sealed.run(position * sealedParts + part, kid, key, body);
  }

  [Symbol.dispose](): void {
    this.#database.close();
  }
}

export interface Extension {
  readonly rows: readonly Row[];
  /** Of the record, after the rows. */
  readonly size: number;
  readonly note: string;
  readonly nodes: Buffer;
}

function disagreement(): Error {
  return bookFault(
    "damaged",
    "entries, heads and frontier of the record do not end at the same place",
    "postern verify",
  );
}
