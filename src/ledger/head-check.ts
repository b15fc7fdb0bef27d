// The kept heads, checked while the walk goes by: each must say the root of the entries up to its size and bear the
// log's signature. The first that does not bounds where history was rewritten.

import { verify } from "node:crypto";
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { type Checkpoint, parseCheckpoint } from "./checkpoint.ts";
import { recentHeads, signatureBatch } from "./limits.ts";
import { checkNote, type Note, type NoteSignature, type Verifier } from "./note.ts";
import { type HeadRow, parseHeadRow, prepareArrays, readRows } from "./reading.ts";
import { emptyRoot } from "./tree.ts";
import { type Invalid, invalid, nameEntries } from "./verification.ts";

type Head = Checkpoint & { readonly note: Note };

export class HeadCheck {
  readonly #verifier: Verifier;
  readonly #rows: Iterator<HeadRow | undefined>;
  readonly #lookup: StatementSync;
  /** Size → root, hexadecimal, of the heads passed last. */
  readonly #recent = new Map<number, string>([[0, emptyRoot.toString("hex")]]);
  #next: IteratorResult<HeadRow | undefined>;
  #unsettled: Promise<Invalid | undefined>[] = [];
  #good = 0;
  count = 0;

  constructor(database: DatabaseSync, verifier: Verifier) {
    this.#verifier = verifier;
    this.#rows = readRows(prepareArrays(database, "SELECT size, note FROM head ORDER BY size"), parseHeadRow);
    this.#lookup = prepareArrays(database, "SELECT size, note FROM head WHERE size = ?");
    this.#next = this.#rows.next();
  }

  /** The next head, where it is one over exactly `size` entries. */
  check(size: number, rootOf: () => Buffer): Invalid | undefined {
    const row = this.#next.done === true ? undefined : this.#next.value;
    if (this.#next.done !== true && (row === undefined || row.size < size))
      return invalid("head", `a kept head stands where none can be, before the one over ${size} entries`);
    if (row?.size !== size) return undefined;
    this.#next = this.#rows.next();
    this.count += 1;
    const head = parseCheckpoint(row.note);
    if (head === undefined || head.size !== size || head.origin !== this.#verifier.name)
      return invalid("head", `the kept head over ${size} entries was changed`);
    return this.#checkHead(head, rootOf());
  }

  #checkHead(head: Head, root: Buffer): Invalid | undefined {
    const { size, note } = head;
    if (!head.root.equals(root)) return this.#explain(head);
    const ours = note.signatures.filter(({ name, id }) => name === this.#verifier.name && id === this.#verifier.id);
    if (ours.length === 0)
      return invalid("signature", `the kept head over ${size} entries bears no signature of this log's key`);
    for (const signature of ours) this.#unsettled.push(this.#verifyLater(head, signature));
    this.#good = size;
    this.#remember(size, root.toString("hex"));
    return undefined;
  }

  /** Root and head disagree: where the head is genuine, the entries are not. */
  #explain(head: Head): Invalid {
    const { size, note } = head;
    if (checkNote(note, this.#verifier) !== "good")
      return invalid("head", `the kept head over ${size} entries was changed`);
    const where = nameEntries(this.#good, size);
    const sentence = `${where} is not what was there when the head over ${size} entries was signed`;
    return invalid("history", sentence, this.#good, size);
  }

  /** On the thread pool: signatures are most of the work where entries were written one by one. */
  #verifyLater({ size, note }: Head, { bytes }: NoteSignature): Promise<Invalid | undefined> {
    const bad = invalid("signature", `the signature of the kept head over ${size} entries does not hold`);
    return new Promise((resolve) => {
      if (bytes.length !== 64) resolve(bad);
      else
        verify(null, Buffer.from(note.text), this.#verifier.key, bytes, (error, good) =>
          resolve(good && error === null ? undefined : bad),
        );
    });
  }

  get due(): boolean {
    return this.#unsettled.length >= signatureBatch;
  }

  /** The first bad signature among the heads passed since the last call. */
  async settle(): Promise<Invalid | undefined> {
    const settled = await Promise.all(this.#unsettled);
    this.#unsettled = [];
    return settled.find((flaw) => flaw !== undefined);
  }

  /** Did the record have this head before the entry at `index`? Heads of up to that size were checked by then. */
  had({ size, root }: { readonly size: number; readonly root: string }, index: number): boolean {
    if (size > index) return false;
    const known = this.#recent.get(size) ?? this.#rootOf(size);
    return known === root;
  }

  #rootOf(size: number): string | undefined {
    const [row] = readRows(this.#lookup, parseHeadRow, size);
    return row === undefined ? undefined : parseCheckpoint(row.note)?.root.toString("hex");
  }

  #remember(size: number, root: string): void {
    if (this.#recent.size >= recentHeads) this.#recent.clear();
    this.#recent.set(size, root);
  }

  /** After the last entry: is there a head over all of them, and none over more? */
  checkEnd(size: number): Invalid | undefined {
    if (this.#next.done !== true) {
      const end = this.#next.value?.size ?? size + 1;
      return invalid(
        "missing",
        `${nameEntries(size, end)} is missing: a head over ${end} entries was signed`,
        size,
        end,
      );
    }
    if (this.#good === size) return undefined;
    const sentence = `no head was signed over the entries from ${this.#good} on`;
    return invalid("unsigned", sentence, this.#good, size);
  }
}
