// One pass over a record, from its first entry to its last, in constant memory: rows enter, the first flaw leaves, or
// none. It believes nothing the rows say of each other; what it trusts is the verifier key and the heads given to it.

import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Anchor } from "./anchor.ts";
import { HeadCheck } from "./head-check.ts";
import { type Leaf, parseLeaf } from "./leaf.ts";
import type { Verifier } from "./note.ts";
import { type EntryRow, parseEntryRow, parseSealedRow, prepareArrays, readRows } from "./reading.ts";
import { type OpenKey, SealedCheck } from "./sealed-check.ts";
import { Frontier, hashLeaf } from "./tree.ts";
import { type Invalid, invalid, nameEntries, type SessionCount } from "./verification.ts";

export interface WalkOptions {
  readonly verifier: Verifier;
  /** Heads known from elsewhere that the record must pass through. */
  readonly milestones: readonly Milestone[];
  readonly openKey: OpenKey;
  /** Also open what is sealed, where its key is here. */
  readonly contents: boolean;
}

export interface Milestone extends Anchor {
  /** The flaw where the record has another root at that size. */
  readonly otherwise: Invalid;
}

export class Walk {
  readonly frontier = Frontier.empty();
  readonly sessions = new Map<string, SessionCount>();
  readonly heads: HeadCheck;
  readonly sealed: SealedCheck;
  readonly #entries: StatementSync;
  readonly #milestones: ReadonlyMap<number, readonly Milestone[]>;
  readonly #frontier: StatementSync;

  constructor(database: DatabaseSync, { verifier, milestones, openKey, contents }: WalkOptions) {
    this.#entries = prepareArrays(database, "SELECT position, leaf, hash, session, kind FROM entry ORDER BY position");
    this.#frontier = prepareArrays(database, "SELECT size, nodes FROM frontier");
    const sealed = prepareArrays(database, "SELECT place, kid, key, body FROM sealed ORDER BY place");
    this.heads = new HeadCheck(database, verifier);
    this.sealed = new SealedCheck(readRows(sealed, parseSealedRow), openKey, contents);
    this.#milestones = Map.groupBy(milestones, ({ size }) => size);
  }

  /** The first flaw, or undefined. */
  async run(): Promise<Invalid | undefined> {
    for (const row of readRows(this.#entries, parseEntryRow)) {
      const flaw = row === undefined ? this.#untyped() : (this.#checkRow(row) ?? this.#checkSize());
      if (flaw !== undefined) return (await this.heads.settle()) ?? flaw;
      if (this.heads.due) {
        const bad = await this.heads.settle();
        if (bad !== undefined) return bad;
      }
    }
    return (await this.heads.settle()) ?? this.#checkEnd();
  }

  #untyped(): Invalid {
    return invalid("store", `entry ${this.frontier.size} is not stored as an entry is`, this.frontier.size);
  }

  #checkRow(row: EntryRow): Invalid | undefined {
    const index = this.frontier.size;
    const { position } = row;
    if (position > index) return invalid("missing", `${nameEntries(index, position)} is missing`, index, position);
    if (position < index) return invalid("inserted", `an entry stands before entry ${index} where none can be`, index);
    if (!hashLeaf(row.leaf).equals(row.hash))
      return invalid("changed", `entry ${index} is not what was hashed when it was written`, index);
    const leaf = parseLeaf(row.leaf);
    if (leaf === undefined) return invalid("malformed", `entry ${index} is not of a leaf's form`, index);
    const filed = leaf.session === row.session && leaf.kind === row.kind;
    if (!filed) return invalid("misfiled", `entry ${index} is filed under another session or kind than its own`, index);
    const flaw = this.#checkLeaf(leaf, index);
    this.frontier.push(row.hash);
    this.#count(leaf.session, index);
    return flaw;
  }

  #checkLeaf(leaf: Leaf, index: number): Invalid | undefined {
    if (!this.heads.had(leaf.prev, index))
      return invalid("previous", `entry ${index} follows a head this record never had`, index);
    return this.sealed.check(leaf.sealed, index);
  }

  #count(session: string, index: number): void {
    const known = this.sessions.get(session);
    this.sessions.set(session, { entries: (known?.entries ?? 0) + 1, first: known?.first ?? index, last: index });
  }

  /** Heads signed, or kept elsewhere, at exactly the size reached. */
  #checkSize(): Invalid | undefined {
    const { size } = this.frontier;
    const flaw = this.heads.check(size, () => this.frontier.root());
    if (flaw !== undefined) return flaw;
    const passed = this.#milestones.get(size)?.find(({ root }) => !root.equals(this.frontier.root()));
    return passed?.otherwise;
  }

  #checkEnd(): Invalid | undefined {
    const { size } = this.frontier;
    return this.heads.checkEnd(size) ?? this.sealed.checkEnd(size) ?? this.#checkFrontier(size);
  }

  #checkFrontier(size: number): Invalid | undefined {
    const [cells] = readRows(this.#frontier, ([at, nodes]) => ({ at, nodes }));
    const { at, nodes } = cells ?? {};
    const fits = nodes instanceof Uint8Array && at === size && this.frontier.serialise().equals(nodes);
    if (fits || (size === 0 && cells === undefined)) return undefined;
    return invalid("frontier", "what the next entry would be added to is not the tree over the entries");
  }
}
