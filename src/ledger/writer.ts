// The writer of one session, on its own thread: drafts enter, and are durable entries under a signed head when commit
// returns. Refuses to continue a record that is not the one it signed last: another key, a smaller size, another root.

import type { Session } from "../domain/session.ts";
import { type Anchor, readAnchor, writeAnchor } from "./anchor.ts";
import { formatCheckpoint, parseCheckpoint } from "./checkpoint.ts";
import { bookFault } from "./fault.ts";
import { identityOf, makeDirectory, syncFile } from "./file.ts";
import { Keyring, kidFor } from "./keyring.ts";
import { isToolName, isVersion, type Leaf, serialiseLeaf } from "./leaf.ts";
import { lockPatience } from "./limits.ts";
import { Lock } from "./lock.ts";
import { Names } from "./names.ts";
import { checkNote, type Signer, signNote } from "./note.ts";
import { type Places, placesIn } from "./places.ts";
import { type Sealed, seal } from "./seal.ts";
import { openSigner } from "./signer.ts";
import { type Row, Store, type Tip } from "./store.ts";
import { emptyRoot, Frontier, hashLeaf } from "./tree.ts";

/** An entry that passed the vocabulary, stamped with the clocks when it was handed over. */
export interface Draft {
  readonly fields: Pick<Leaf, "kind" | "verdict" | "rule" | "purpose" | "counts" | "time" | "mono">;
  /** JSON. */
  readonly sealed: string | undefined;
}

/** The newest signed head. */
export interface Head {
  readonly size: number;
  /** Base64, as the checkpoint writes it. */
  readonly root: string;
  readonly origin: string;
  /** The checkpoint: a signed note, to be kept elsewhere and handed to `verify` later. Empty while the record is. */
  readonly checkpoint: string;
}

/** The leaf's fields that stay the same for a session. */
type Standing = Pick<Leaf, "build" | "grade" | "host" | "person" | "policy" | "session" | "tool" | "v">;

export class Writer implements Disposable {
  readonly #places: Places;
  readonly #lock: Lock;
  readonly #signer: Signer;
  readonly #store: Store;
  readonly #keyring: Keyring;
  readonly #standing: Standing;
  readonly #project: string;
  /** Of lock and store, as they were opened. */
  readonly #files: string;
  #seen: Anchor & { readonly note: string };
  #rows: Row[] = [];

  constructor(state: string, session: Session) {
    this.#places = placesIn(state);
    makeDirectory(this.#places.record);
    makeDirectory(this.#places.vault);
    this.#lock = new Lock(this.#places.lock);
    this.#keyring = new Keyring(this.#places.keyring);
    const opened = this.#lock.hold(() => this.#open(session));
    this.#signer = opened.signer;
    this.#store = opened.store;
    this.#standing = opened.standing;
    this.#project = opened.project;
    this.#seen = opened.seen;
    this.#files = this.#identify();
  }

  #identify(): string {
    return `${identityOf(this.#places.lock)} ${identityOf(this.#places.store)}`;
  }

  #open(session: Session) {
    const signer = openSigner(this.#places);
    const names = new Names(this.#places.names);
    const store = new Store(this.#places.store);
    syncFile(this.#places.record);
    const { root, size, note } = this.#inspect(store.tip(), signer);
    if (note !== "" && checkSignature(note, signer) !== "good")
      throw bookFault("damaged", "the record's last head is not signed by this log's key", "postern verify");
    const standing: Standing = {
      v: 1,
      session: session.id,
      person: names.pseudonymOf({ kind: "person", name: session.principal.name }),
      host: names.pseudonymOf({ kind: "host", name: session.principal.host }),
      tool: leafTool(session),
      build: session.build,
      policy: session.policy,
      grade: session.grade,
    };
    const project = names.pseudonymOf({ kind: "project", name: session.workspace });
    return { signer, store, standing, project, seen: { root, size, note } };
  }

  /** Under the lock: is this the record that was signed last? */
  #inspect(tip: Tip, signer: Signer): Anchor & { readonly note: string; readonly frontier: Frontier } {
    const frontier = Frontier.parse(tip.size, tip.nodes);
    const head = tip.note === undefined ? undefined : parseCheckpoint(tip.note);
    const root = frontier?.root();
    const whole =
      tip.note === undefined || (head?.origin === signer.name && head.size === tip.size && root?.equals(head.root));
    if (frontier === undefined || root === undefined || !whole)
      throw bookFault("damaged", "the record's last head is not one over its entries", "postern verify");
    const anchor = readAnchor(this.#lock.descriptor);
    if (anchor !== undefined && (anchor.size > tip.size || (anchor.size === tip.size && !anchor.root.equals(root)))) {
      const hint = "put the newest copy back, or move the record aside to begin a new one";
      throw bookFault(
        "damaged",
        `the record was put back to ${tip.size} entries; ${anchor.size} had been signed`,
        hint,
      );
    }
    return { size: tip.size, root, note: tip.note ?? "", frontier };
  }

  /** Seals and forms one entry; it takes part in the next commit. */
  prepare(draft: Draft): void {
    if (this.#rows.length === 0) this.#keyring.refresh();
    this.#rows.push(this.#form(draft));
  }

  get prepared(): number {
    return this.#rows.length;
  }

  /**
   * Everything prepared is durable when it returns the first index; undefined where others kept the lock for `lockPatience`.
   * After any error it throws, nothing more may be committed.
   */
  attempt(): number | undefined {
    return this.#lock.attempt(() => this.#commit(), lockPatience)?.result;
  }

  /** The same, waiting for the lock on this thread. */
  commit(): number {
    return this.#lock.hold(() => this.#commit());
  }

  #commit(): number {
    // what was moved away could be written on for ever, and nobody who looks for the record would find it
    if (this.#identify() !== this.#files) throw gone(this.#places.record);
    const { size, root, note, rows } = this.#store.extend((tip) => this.#extend(tip, this.#rows));
    this.#seen = { size, root, note };
    this.#rows = [];
    writeAnchor(this.#lock.descriptor, this.#seen);
    return size - rows.length;
  }

  #extend(tip: Tip, rows: readonly Row[]) {
    const { frontier } = this.#inspect(tip, this.#signer);
    for (const { hash } of rows) frontier.push(hash);
    const [size, root] = [frontier.size, frontier.root()];
    const note = signNote(formatCheckpoint({ origin: this.#signer.name, size, root }), this.#signer);
    return { rows, size, root, note, nodes: frontier.serialise() };
  }

  #form({ fields, sealed }: Draft): Row {
    const parts = sealed === undefined ? [] : [this.#seal(sealed, fields.time)];
    const prev = { size: this.#seen.size, root: this.#seen.root.toString("hex") };
    const commitments = parts.map(({ ct, pt, kid }) => ({ ct, pt, kid }));
    const leaf = serialiseLeaf({ ...this.#standing, ...fields, prev, sealed: commitments });
    if (leaf === undefined) throw bookFault("schema", "an entry that passed the vocabulary broke the leaf's form");
    return { leaf, hash: hashLeaf(leaf), session: this.#standing.session, kind: fields.kind, sealed: parts };
  }

  #seal(text: string, time: string): Sealed {
    const kid = this.#keyring.current(kidFor("entries", this.#project, time));
    const kek = this.#keyring.find(kid) ?? this.#lock.hold(() => this.#keyring.make(kid));
    return seal(Buffer.from(text), kid, kek);
  }

  /** The newest head in the store, other sessions' included. */
  head(): Head {
    const tip = this.#store.tip();
    const head = tip.note === undefined ? undefined : parseCheckpoint(tip.note);
    const root = (head?.root ?? emptyRoot).toString("base64");
    return { size: tip.size, root, origin: this.#signer.name, checkpoint: tip.note ?? "" };
  }

  [Symbol.dispose](): void {
    try {
      this.#lock.hold(() => this.#store[Symbol.dispose]());
    } finally {
      this.#lock[Symbol.dispose]();
    }
  }
}

function gone(record: string): Error {
  const hint = "put back what was there, or move the rest aside to begin a new one, then start again";
  return bookFault("unwritable", `the record in ${record} was moved, removed or replaced while it was written`, hint);
}

function checkSignature(text: string, signer: Signer): "good" | "absent" | "bad" {
  const note = parseCheckpoint(text)?.note;
  return note === undefined ? "bad" : checkNote(note, signer);
}

/** A command nobody recognised names itself: its name and version stay sealed. */
function leafTool({ tool }: Session): Leaf["tool"] {
  const { sha256 } = tool;
  if (!tool.recognised) return { name: "unrecognised", sha256 };
  if (!isToolName(tool.name)) throw bookFault("schema", "the recognised tool's name is not written as a profile's");
  return isVersion(tool.version)
    ? { name: tool.name, sha256, version: String(tool.version) }
    : { name: tool.name, sha256 };
}
