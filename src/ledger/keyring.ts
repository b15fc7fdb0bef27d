// The keys that keep sealed content closed, one per class, project and month, in a file apart from the record. A key id
// enters, the key leaves; no key where it was destroyed. With its key gone, everything sealed under it is gone; its line
// stays, null, so that the id is never given to another key.

import { createSecretKey, type KeyObject, randomBytes } from "node:crypto";
import { isKid } from "./leaf.ts";
import { parseBase64 } from "./note.ts";
import { Table } from "./table.ts";

/** Retention class: `entries` is what a line of the record seals; `bodies` is what requests and replies carry. */
export type RetentionClass = "entries" | "bodies";

/** Key id of the first key of its month; the month is that of the entry's time, UTC. */
export function kidFor(retention: RetentionClass, project: string, time: string): string {
  return `${retention}.${project}.${time.slice(0, 7)}`;
}

export class Keyring {
  readonly #table: Table<string | null>;
  readonly #keys = new Map<string, KeyObject>();

  constructor(path: string) {
    this.#table = new Table(path, parseKey);
  }

  /** Takes in what other processes made or destroyed since. */
  refresh(): void {
    if (this.#table.refresh()) this.#keys.clear();
  }

  find(kid: string): KeyObject | undefined {
    const known = this.#keys.get(kid);
    const encoded = this.#table.rows.get(kid);
    if (known !== undefined || typeof encoded !== "string") return known;
    const key = createSecretKey(encoded, "base64");
    this.#keys.set(kid, key);
    return key;
  }

  /** The key id in use for a month: the first whose key was not destroyed, `.2` and on after that. */
  current(first: string): string {
    let kid = first;
    for (let next = 2; this.#table.rows.get(kid) === null; next += 1) kid = `${first}.${next}`;
    return kid;
  }

  /** Called under the record's lock only: it may write. */
  make(kid: string): KeyObject {
    if (!isKid(kid)) throw new Error("not a key id");
    this.refresh();
    if (this.find(kid) === undefined) this.#table.add(kid, randomBytes(32).toString("base64"));
    const key = this.find(kid);
    if (key === undefined) throw new Error("a key that was just made is not there");
    return key;
  }
}

function parseKey(value: unknown): string | null | undefined {
  if (value === null) return null;
  return typeof value === "string" && parseBase64(value)?.length === 32 ? value : undefined;
}
