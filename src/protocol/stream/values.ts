// One JSON value that is the whole reply, or an array whose elements come one by one: each object of it is a message. Only as much of
// JSON is read here as says where an object ends; whether it is any is for whoever reads the message.

import { type FramePart, type FrameReader, longestMessage, restOf } from "./framing.ts";
import { Held } from "./held.ts";

const [quote, backslash, open, close, list, endOfList] = [0x22, 0x5c, 0x7b, 0x7d, 0x5b, 0x5d];

export function openValues(longest = longestMessage): FrameReader {
  return new Reader(longest);
}

class Reader implements FrameReader {
  readonly #longest: number;
  readonly #held = new Held();
  /** Containers open, and the outermost array not counted. */
  #depth = 0;
  #begun = false;
  #inString = false;
  #escaped = false;
  #skipping = false;

  constructor(longest: number) {
    this.#longest = longest;
  }

  push(chunk: Buffer): readonly FramePart[] {
    const parts: FramePart[] = [];
    let from = 0;
    for (let at = 0; at < chunk.length; at += 1) {
      const was = this.#depth;
      this.#step(chunk[at] ?? 0);
      if (was === 0 && this.#depth === 1) {
        parts.push(...restOf(chunk.subarray(from, at)));
        from = at;
      }
      if (was !== 1 || this.#depth !== 0) continue;
      this.#held.add(chunk.subarray(from, at + 1));
      parts.push(this.#take());
      from = at + 1;
    }
    if (this.#depth === 0) return [...parts, ...restOf(chunk.subarray(from))];
    this.#held.add(chunk.subarray(from));
    if (this.#held.size <= this.#longest) return parts;
    this.#skipping = true;
    return [...parts, ...restOf(this.#held.take())];
  }

  end(): readonly FramePart[] {
    return restOf(this.#held.take());
  }

  #step(octet: number): void {
    if (this.#inString) {
      if (this.#escaped) this.#escaped = false;
      else if (octet === backslash) this.#escaped = true;
      else if (octet === quote) this.#inString = false;
      return;
    }
    // the first array holds messages, and is none
    const isOutermost = !this.#begun && octet === list;
    if (octet > 0x20) this.#begun = true;
    if (isOutermost) return;
    if (octet === quote) this.#inString = true;
    else if (octet === open || octet === list) this.#depth += 1;
    else if ((octet === close || octet === endOfList) && this.#depth > 0) this.#depth -= 1;
  }

  #take(): FramePart {
    const raw = this.#held.take();
    const skipped = this.#skipping;
    this.#skipping = false;
    return skipped ? { kind: "rest", raw } : { kind: "message", raw, data: raw, type: "", write: (data) => data };
  }
}
