// A small erasable table of the vault: the JSON text of `{"version":1,<member>:{id: row}}` enters and rows leave. Refuses
// a file that is not of that form: rows nobody can read must not be written over.

import { bookFault } from "./fault.ts";
import { readSmallFile, stampOf, writeSmallFile } from "./file.ts";

export class Table<Row> {
  readonly #path: string;
  readonly #parse: (row: unknown) => Row | undefined;
  #stamp: string | undefined;
  #rows: Map<string, Row> = new Map();

  constructor(path: string, parse: (row: unknown) => Row | undefined) {
    this.#path = path;
    this.#parse = parse;
  }

  /** As the file stood when it was last refreshed. */
  get rows(): ReadonlyMap<string, Row> {
    return this.#rows;
  }

  /** Reads the file again where it was replaced since; true where it was. */
  refresh(): boolean {
    const stamp = stampOf(this.#path);
    if (stamp === this.#stamp) return false;
    this.#rows = this.#read();
    this.#stamp = stamp;
    return true;
  }

  /** Durable when it returns. Called under the record's lock only. */
  add(id: string, row: Row): void {
    this.refresh();
    const rows = new Map([...this.#rows, [id, row]]);
    writeSmallFile(this.#path, `${JSON.stringify({ version: 1, rows: Object.fromEntries(rows) }, undefined, 1)}\n`);
    this.refresh();
  }

  #read(): Map<string, Row> {
    const text = readSmallFile(this.#path);
    if (text === undefined) return new Map();
    const rows = new Map<string, Row>();
    for (const [id, value] of Object.entries(this.#members(text))) {
      const row = this.#parse(value);
      if (row === undefined) throw this.#unreadable();
      rows.set(id, row);
    }
    return rows;
  }

  #members(text: string): object {
    try {
      const value: unknown = JSON.parse(text);
      if (isObject(value) && value["version"] === 1 && isObject(value["rows"])) return value["rows"];
    } catch (cause) {
      throw this.#unreadable(cause);
    }
    throw this.#unreadable();
  }

  #unreadable(cause?: unknown): Error {
    return bookFault("damaged", `${this.#path} cannot be read`, "put it back from a backup", cause);
  }
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
