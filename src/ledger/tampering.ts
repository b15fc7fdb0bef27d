// What the tests of verification do to a record: copy it, open the copy as an attacker with the files in hand would, and
// see what verify says. Some of them hold the log's key too.

import assert from "node:assert/strict";
import { cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { formatCheckpoint } from "./checkpoint.ts";
import { parseLeaf, serialiseLeaf } from "./leaf.ts";
import { parseBase64, type Signer, signerFrom, signNote } from "./note.ts";
import { placesIn } from "./places.ts";
import { Frontier, hashLeaf } from "./tree.ts";
import type { Flaw, Verification } from "./verification.ts";
import { type VerifyOptions, verify } from "./verify.ts";

export function headOf(at: string): string {
  using database = new DatabaseSync(placesIn(at).store, { readOnly: true });
  return String(database.prepare("SELECT note FROM head ORDER BY size DESC").get()?.["note"]);
}

export type Tamper = (database: DatabaseSync, at: string) => void;
export interface Expected {
  readonly what: Flaw;
  readonly index?: number;
  readonly end?: number;
}

let copies = 0;
/** Tampers with a copy, verifies it, and cleans up. */
export async function attack(original: string, tamper: Tamper, options: VerifyOptions = {}): Promise<Verification> {
  copies += 1;
  const copy = `${original}-copy-${copies}`;
  cpSync(original, copy, { recursive: true });
  const database = new DatabaseSync(placesIn(copy).store);
  try {
    tamper(database, copy);
  } finally {
    if (database.isOpen) database.close();
  }
  const result = await verify(copy, options);
  rmSync(copy, { recursive: true });
  return result;
}

export async function expectFlaw(
  original: string,
  tamper: Tamper,
  expected: Expected,
  options?: VerifyOptions,
): Promise<void> {
  const result = await attack(original, tamper, options);
  const { what, index } = expected;
  const end = expected.end ?? (index === undefined ? undefined : index + 1);
  assert.equal(result.kind, "invalid");
  assert.deepEqual({ what: result.what, index: result.index, end: result.end }, { what, index, end }, result.sentence);
  assert.match(result.sentence, /^[a-z].*[^.]$/s);
}

export const sql =
  (...statements: string[]): Tamper =>
  (database) =>
    database.exec(statements.join(";"));

function leafAt(database: DatabaseSync, index: number): Buffer {
  const leaf = database.prepare("SELECT leaf FROM entry WHERE position = ?").get(index)?.["leaf"];
  assert.ok(leaf instanceof Uint8Array);
  return Buffer.from(leaf);
}

/** Another verdict in the leaf, and the stored hash made to fit. */
export function rewrite(database: DatabaseSync, index: number, from = '"allow"', to = '"refuse"'): void {
  const text = leafAt(database, index).toString();
  assert.ok(text.includes(from));
  const leaf = Buffer.from(text.replace(from, to));
  database.prepare("UPDATE entry SET leaf = ?, hash = ? WHERE position = ?").run(leaf, hashLeaf(leaf), index);
}

export function signerOf(at: string): Signer {
  const [, name = "", , typed = ""] =
    /^PRIVATE\+KEY\+([^+]+)\+([^+]+)\+(.+)\n$/.exec(readFileSync(placesIn(at).signer, "utf8")) ?? [];
  return signerFrom(name, parseBase64(typed)?.subarray(1) ?? Buffer.alloc(0));
}

/** Whoever holds the log's key and the machine: heads, frontier and anchor made anew over the rows as they stand. */
export function resign(database: DatabaseSync, at: string, signer = signerOf(at)): void {
  const frontier = Frontier.empty();
  const sizes = new Set(
    database
      .prepare("SELECT size FROM head")
      .all()
      .map(({ size }) => size),
  );
  database.exec("DELETE FROM head");
  const insert = database.prepare("INSERT INTO head (size, note) VALUES (?, ?)");
  const roots = new Map<number, string>();
  for (const { position } of database.prepare("SELECT position FROM entry ORDER BY position").all()) {
    relink(database, Number(position), roots);
    frontier.push(hashLeaf(leafAt(database, Number(position))));
    const { size } = frontier;
    if (!sizes.has(size)) continue;
    roots.set(size, frontier.root().toString("hex"));
    insert.run(size, signNote(formatCheckpoint({ origin: signer.name, size, root: frontier.root() }), signer));
  }
  database
    .prepare("REPLACE INTO frontier (only, size, nodes) VALUES (0, ?, ?)")
    .run(frontier.size, frontier.serialise());
  writeFileSync(placesIn(at).lock, "");
}

/** The leaf's own pointer to a previous head, made to fit the new history. */
function relink(database: DatabaseSync, index: number, roots: ReadonlyMap<number, string>): void {
  const leaf = parseLeaf(leafAt(database, index));
  const root = leaf === undefined ? undefined : roots.get(leaf.prev.size);
  if (leaf === undefined || root === undefined) return;
  const bytes = serialiseLeaf({ ...leaf, prev: { ...leaf.prev, root } });
  assert.ok(bytes);
  database.prepare("UPDATE entry SET leaf = ?, hash = ? WHERE position = ?").run(bytes, hashLeaf(bytes), index);
}

export function cutTo(database: DatabaseSync, size: number): void {
  database.exec(`DELETE FROM entry WHERE position >= ${size}; DELETE FROM head WHERE size > ${size};
    DELETE FROM sealed WHERE place >= ${size * 256}`);
  const frontier = Frontier.empty();
  for (let index = 0; index < size; index += 1) frontier.push(hashLeaf(leafAt(database, index)));
  database.prepare("UPDATE frontier SET size = ?, nodes = ?").run(size, frontier.serialise());
}
