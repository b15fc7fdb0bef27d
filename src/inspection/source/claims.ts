// Which normalised octets of a text are a chain's, so that no other has them. Of the text that is looked at; memory stands for one slice.

import type { Find } from "./align.ts";
import { passage as passageOctets, slice } from "./limits.ts";
import type { Lines } from "./lines.ts";

/** Of the chain that is being looked at, and of one that was kept. */
export const taking = 1;
export const taken = 2;

const octets = new Uint8Array(slice);
/** 1: all of a line is taken. */
const lines = new Uint8Array(slice);

export class Claims {
  readonly #starts: Uint32Array;
  /** From where to where anything was ever claimed, and taken. */
  #claimed = { from: slice, to: 0 };
  #taken = { from: slice, to: 0 };

  constructor({ starts, size, count }: Lines) {
    octets.fill(0, 0, size);
    lines.fill(0, 0, count);
    this.#starts = starts;
  }

  /** More than half of it. */
  isClaimed(from: number, to: number): boolean {
    if (isApart(this.#claimed, from, to)) return false;
    let count = 0;
    for (let at = from; at < to; at += 1) if (octets[at] !== 0) count += 1;
    return count * 2 > to - from;
  }

  /** As a blank line always is. */
  isFree(line: number): boolean {
    const [from, to] = [this.#starts[line] ?? 0, this.#starts[line + 1] ?? 0];
    return from === to || (lines[line] !== 1 && !this.isClaimed(from, to));
  }

  /** What is not another's already. */
  claim(find: Find, as: 0 | typeof taking | typeof taken): void {
    if (!find.alike) {
      for (const { octet } of find.passages) this.#mark(octet, octet + passageOctets, as);
      return;
    }
    this.#mark(this.#starts[find.at] ?? 0, this.#starts[find.at + find.count] ?? 0, as);
    if (as === taken) lines.fill(1, find.at, find.at + find.count);
  }

  #mark(from: number, to: number, as: 0 | typeof taking | typeof taken): void {
    if (isApart(this.#taken, from, to)) octets.fill(as, from, to);
    else for (let at = from; at < to; at += 1) if (octets[at] !== taken) octets[at] = as;
    if (as === taking) widen(this.#claimed, from, to);
    if (as === taken) widen(this.#taken, from, to);
  }
}

interface Stretch {
  from: number;
  to: number;
}

const isApart = (stretch: Stretch, from: number, to: number): boolean => to <= stretch.from || from >= stretch.to;

function widen(stretch: Stretch, from: number, to: number): void {
  stretch.from = Math.min(stretch.from, from);
  stretch.to = Math.max(stretch.to, to);
}
