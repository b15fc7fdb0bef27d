// What is sealed, checked against what the leaves say of it: every part there, under the key the leaf names, its bytes
// the ones committed to. A part may be gone only where its key is gone too.

import type { KeyObject } from "node:crypto";
import type { Commitment } from "./leaf.ts";
import { sealedParts } from "./limits.ts";
import type { SealedRow } from "./reading.ts";
import { digestOf, unseal } from "./seal.ts";
import { type Invalid, invalid } from "./verification.ts";

/** A key id → the key, or undefined where it is not here. */
export type OpenKey = (kid: string) => KeyObject | undefined;

export class SealedCheck {
  readonly #rows: Iterator<SealedRow | undefined>;
  readonly #openKey: OpenKey;
  readonly #contents: boolean;
  #next: IteratorResult<SealedRow | undefined>;
  open = 0;
  closed = 0;
  gone = 0;

  constructor(rows: Iterator<SealedRow | undefined>, openKey: OpenKey, contents: boolean) {
    this.#rows = rows;
    this.#openKey = openKey;
    this.#contents = contents;
    this.#next = rows.next();
  }

  /** The parts of the entry at `index`, in order. */
  check(commitments: readonly Commitment[], index: number): Invalid | undefined {
    for (const [part, commitment] of commitments.entries()) {
      const row = this.#next.done === true ? undefined : this.#next.value;
      if (row?.entry !== index || row.part !== part) return this.#misplaced(row, index);
      const flaw = this.#checkPart(row, commitment);
      if (flaw !== undefined) return flaw;
      this.#next = this.#rows.next();
    }
    return undefined;
  }

  #misplaced(row: SealedRow | undefined, index: number): Invalid {
    if (row !== undefined && row.entry * sealedParts + row.part < index * sealedParts) return this.#stray(row);
    return invalid("sealed", `what was sealed with entry ${index} is missing`, index);
  }

  #stray({ entry }: SealedRow): Invalid {
    return invalid("sealed", `something is sealed beside entry ${entry} that the entry does not commit to`, entry);
  }

  #checkPart({ entry, kid, key, body }: SealedRow, { ct, pt, kid: named }: Commitment): Invalid | undefined {
    if (kid !== named)
      return invalid("sealed", `what is sealed with entry ${entry} names another key than the entry does`, entry);
    const kek = this.#openKey(kid);
    if (body === null) {
      this.gone += 1;
      return kek === undefined
        ? undefined
        : invalid("sealed", `what was sealed with entry ${entry} is missing though its key is here`, entry);
    }
    if (digestOf(body) !== ct) return invalid("sealed", `what is sealed with entry ${entry} was changed`, entry);
    if (kek === undefined) this.closed += 1;
    else this.open += 1;
    if (!this.#contents || kek === undefined) return undefined;
    const plain = unseal({ kid, key: Buffer.from(key), body: Buffer.from(body), ct, pt }, kek);
    return plain === undefined
      ? invalid("sealed", `what is sealed with entry ${entry} cannot be opened with its own key`, entry)
      : undefined;
  }

  checkEnd(size: number): Invalid | undefined {
    if (this.#next.done === true) return undefined;
    const row = this.#next.value;
    return row === undefined
      ? invalid("store", `something sealed after entry ${size - 1} is not stored as it should be`)
      : this.#stray(row);
  }
}
