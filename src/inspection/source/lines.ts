// Octets → lines as they are compared, and the passages that are kept of them (winnowing; kernel/ says how each is made). What is
// given lies in the kernel's memory: good until the next text is read in this thread.

import { type Kernel, openKernel } from "./kernel.ts";
import type { Keyed } from "./keyed.ts";
import { slice } from "./limits.ts";

export interface Lines {
  /** What was read; of a long text, from where it was gone on with. */
  readonly octets: Buffer;
  /** Lines that ended in it; none of the arrays is as short. */
  readonly count: number;
  /** Where line `n` begins in `octets`; one more than there are lines. */
  readonly begins: Uint32Array;
  /** All lines' normalised octets, one after the other, and how many those are. */
  readonly plain: Uint8Array;
  readonly size: number;
  /** Where line `n` begins among the text's normalised octets; one more than there are lines. */
  readonly starts: Uint32Array;
  /** Keyed, 16 bits; 0: nothing is left of it. */
  readonly hashes: Uint16Array;
  /** How a line is written, in 8 bits: equal for equal lines, and for most others not. White space and case count, its end does not. */
  readonly shapes: Uint8Array;
  /** 1 where something was taken off before the line; 2 where a quoted string begins or ends with it (unescape.ts). */
  readonly marked: Uint8Array;
  readonly kept: Kept;
}

/** Passages that are kept, in their order. */
export interface Kept {
  readonly count: number;
  readonly hashes: Uint32Array;
  /** Where they begin among the text's normalised octets, and in which of its lines. */
  readonly places: Uint32Array;
  readonly lines: Uint32Array;
}

class Thread {
  readonly #kernel: Kernel = openKernel();
  readonly #told: Uint32Array;
  readonly #text: Buffer;
  #keyed: Keyed | undefined;
  readonly #lines: { -readonly [Name in keyof Lines]: Lines[Name] };
  readonly #kept: { -readonly [Name in keyof Kept]: Kept[Name] };

  constructor() {
    const { octets, halves, words } = this.#kernel;
    this.#told = words("toldAt", 3);
    this.#text = octets("textAt", slice);
    this.#kept = {
      count: 0,
      hashes: words("passagesAt", slice),
      places: words("placesAt", slice),
      lines: words("linesAt", slice),
    };
    this.#lines = {
      octets: this.#text,
      count: 0,
      begins: words("beginsAt", slice + 1),
      plain: octets("plainAt", slice),
      size: 0,
      starts: words("startsAt", slice + 1),
      hashes: halves("hashesAt", slice),
      shapes: octets("shapesAt", slice),
      marked: octets("markedAt", slice),
      kept: this.#kept,
    };
  }

  begin(keyed: Keyed): void {
    if (this.#keyed !== keyed) {
      this.#kernel.words("octetsAt", 256).set(keyed.octets);
      this.#kernel.words("leavingAt", 256).set(keyed.leaving);
      this.#kernel.words("lettersAt", 256).set(keyed.letters);
      this.#keyed = keyed;
    }
    this.#kernel.begin(keyed.seed);
  }

  /** As much as there is room for; gives how much that was. */
  read(octets: Uint8Array): number {
    this.#text.set(octets.length > slice ? octets.subarray(0, slice) : octets);
    const length = Math.min(octets.length, slice);
    const read = this.#kernel.read(length, octets.length <= slice ? 1 : 0);
    this.#lines.count = this.#told[0] ?? 0;
    this.#lines.size = this.#told[1] ?? 0;
    this.#kept.count = this.#told[2] ?? 0;
    return read;
  }

  get lines(): Lines {
    return this.#lines;
  }

  isWritten(line: number, shape: number): boolean {
    return this.#kernel.isWritten(line, shape) !== 0;
  }
}

let opened: Thread | undefined;
function thread(): Thread {
  opened ??= new Thread();
  return opened;
}

/** A text of one slice at most. A last line without an end counts; nothing after the last end does not. */
export function readLines(octets: Uint8Array, keyed: Keyed): Lines {
  if (octets.length > slice) throw new RangeError("more than a slice is not read at once");
  const { lines } = thread();
  eachWindow(octets, keyed, () => {});
  return lines;
}

/** Any text, slice after slice; a line, or a passage, stands in that one in which it ends. */
export function eachWindow(octets: Uint8Array, keyed: Keyed, take: (lines: Lines) => void): void {
  const reading = thread();
  reading.begin(keyed);
  for (let at = 0; at === 0 || at < octets.length; ) {
    const read = reading.read(octets.subarray(at));
    take(reading.lines);
    if (read === 0) return;
    at += read;
  }
}

/** Whether a line of what `readLines` read last is written so behind something that is taken off. */
export const isWritten = (line: number, shape: number): boolean => thread().isWritten(line, shape);
