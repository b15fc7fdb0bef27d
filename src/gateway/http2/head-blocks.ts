// HEADERS and the CONTINUATIONs behind it, attacker-controlled → one header block, read. RFC 9113 §4.3, §6.10. Refuses a head in
// more frames or octets than anybody needs, and any other frame in between.

import type { Limits } from "../limits.ts";
import { type Broken, broken } from "./broken.ts";
import { codes, type Frame, flags, kinds, unpad } from "./frames.ts";
import { type Fields, HeadReader } from "./head-reader.ts";

export interface Head {
  readonly stream: number;
  readonly fields: Fields;
  /** Nothing comes behind it on its stream. */
  readonly last: boolean;
}

export class HeadBlocks {
  readonly #limits: Limits;
  readonly #reader: HeadReader;
  #stream = 0;
  #last = false;
  #parts: Buffer[] = [];
  #size = 0;

  constructor(limits: Limits) {
    this.#limits = limits;
    this.#reader = new HeadReader(limits);
  }

  /** A block has begun and is not whole: only its own next frame may come. */
  get open(): boolean {
    return this.#parts.length > 0;
  }

  mayCome({ kind, stream }: Frame): boolean {
    return this.open ? kind === kinds.continuation && stream === this.#stream : kind !== kinds.continuation;
  }

  /** Undefined where more of it is to come. */
  take(frame: Frame): Head | Broken | undefined {
    if (frame.stream === 0) return broken(codes.protocol, "a head on no stream");
    const piece = frame.kind === kinds.headers ? unpad(frame) : frame.payload;
    if (piece === undefined) return broken(codes.protocol, "padding longer than its frame");
    if (frame.kind === kinds.headers) {
      this.#stream = frame.stream;
      this.#last = (frame.flags & flags.end) !== 0;
      this.#size = 0;
    }
    this.#parts.push(piece);
    this.#size += piece.length;
    if (this.#parts.length > this.#limits.headFrames) return broken(codes.calm, "a head in more frames than it needs");
    if (this.#size > this.#limits.head) return broken(codes.calm, "a head that is too long");
    if ((frame.flags & flags.endHeaders) === 0) return undefined;
    const fields = this.#reader.read(Buffer.concat(this.#parts));
    this.#parts = [];
    if (fields === undefined) return broken(codes.compression, "a header block that cannot be read");
    return { stream: this.#stream, fields, last: this.#last };
  }
}
