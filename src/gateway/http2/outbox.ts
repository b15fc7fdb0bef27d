// What waits to be sent on one connection: a stream's pieces in order, the streams in turn, never more than the other end's
// windows and the transport take. RFC 9113 §5.2, §6.9.

import { firstWindow, flags, frameBound, kinds, lastWindow, writeFrame } from "./frames.ts";

interface Piece {
  readonly bytes: Buffer;
  /** Its memory is the owner's again. */
  readonly done: (() => void) | undefined;
}

const nothing = Buffer.alloc(0);
/** Octets of one stream that wait before whoever writes is asked to stop. */
const highWater = 4 * frameBound;

/** One stream's part of it. */
export class Outgoing {
  readonly id: number;
  /** What the other end takes of it now; below 0 where it changed its mind (§6.9.2). */
  window: number;
  #pieces: Piece[] = [];
  /** Of the first piece, gone already. */
  #at = 0;
  #size = 0;
  #ending: { readonly trailers: Buffer | undefined } | undefined;
  #ended = false;
  /** Somebody was told that it is full, and waits. */
  #waited = false;
  onDrained: () => void = () => undefined;
  /** Its last frame has gone. */
  onEnded: () => void = () => undefined;

  constructor(id: number, window: number) {
    this.id = id;
    this.window = window;
  }

  /** Octets that wait. */
  get size(): number {
    return this.#size;
  }

  /** No more shall be added for now. */
  get full(): boolean {
    return this.#size >= highWater;
  }

  add(bytes: Buffer, done?: () => void): void {
    if (bytes.length === 0) {
      done?.();
      return;
    }
    this.#pieces.push({ bytes, done });
    this.#size += bytes.length;
    this.#waited ||= this.full;
  }

  /** `trailers`: their frames, which end the stream. */
  end(trailers: Buffer | undefined): void {
    this.#ending ??= { trailers };
  }

  /** Nothing more of it goes. */
  drop(): void {
    for (const { done } of this.#pieces) done?.();
    this.#pieces = [];
    this.#size = 0;
    this.#ended = true;
  }

  /** The next frame, with the octets it takes of the connection's window; undefined where nothing waits that fits. */
  next(room: number): { readonly frame: Buffer; readonly size: number } | undefined {
    const piece = this.#pieces[0];
    if (piece === undefined) return this.#last();
    const size = Math.min(piece.bytes.length - this.#at, room, this.window, frameBound);
    if (size <= 0) return undefined;
    const payload = piece.bytes.subarray(this.#at, this.#at + size);
    const whole = this.#at + size === piece.bytes.length;
    // an end without trailers goes along with the last octets
    const last =
      whole && this.#pieces.length === 1 && this.#ending !== undefined && this.#ending.trailers === undefined;
    const frame = writeFrame(kinds.data, last ? flags.end : 0, this.id, payload);
    this.#at = whole ? 0 : this.#at + size;
    this.#size -= size;
    this.window -= size;
    this.#ended ||= last;
    if (whole) this.#pieces.shift();
    if (whole) piece.done?.();
    return { frame, size };
  }

  #last(): { readonly frame: Buffer; readonly size: number } | undefined {
    if (this.#ending === undefined || this.#ended) return undefined;
    this.#ended = true;
    return { frame: this.#ending.trailers ?? writeFrame(kinds.data, flags.end, this.id, nothing), size: 0 };
  }

  /** After a frame of it has gone. */
  tell(): void {
    if (this.#waited && this.#size < highWater / 2) {
      this.#waited = false;
      this.onDrained();
    }
    if (this.#ended) this.onEnded();
  }
}

export class Outbox {
  /** What the other end takes of all streams together. */
  #window = firstWindow;
  readonly #write: (bytes: Buffer) => boolean;
  readonly #sent: (size: number) => void;
  readonly #ready = new Set<Outgoing>();
  #full = false;
  #busy = false;

  /** `write`: false where the transport takes no more now. `sent`: octets of data that have gone. */
  constructor(write: (bytes: Buffer) => boolean, sent: (size: number) => void) {
    this.#write = write;
    this.#sent = sent;
  }

  /** The transport takes no more now. */
  get full(): boolean {
    return this.#full;
  }

  /** Something of this stream may be able to go. */
  wake(outgoing: Outgoing): void {
    this.#ready.add(outgoing);
    this.pump();
  }

  forget(outgoing: Outgoing): void {
    this.#ready.delete(outgoing);
    outgoing.drop();
  }

  /** False where that is more than there may be. */
  widen(more: number): boolean {
    this.#window += more;
    this.pump();
    return this.#window <= lastWindow;
  }

  /** Ahead of all data, whatever the windows say. */
  now(bytes: Buffer): void {
    if (!this.#write(bytes)) this.#full = true;
  }

  /** The transport takes more again. */
  drained(): void {
    this.#full = false;
    this.pump();
  }

  /** A frame of each stream in turn. */
  pump(): void {
    if (this.#busy) return;
    this.#busy = true;
    const starved: Outgoing[] = [];
    for (const outgoing of this.#ready) {
      if (this.#full) break;
      this.#ready.delete(outgoing);
      const next = outgoing.next(this.#window);
      if (next === undefined) {
        // by the connection's window: it stays in line; by its own: it comes back when it is woken
        if (this.#window <= 0 && outgoing.size > 0) starved.push(outgoing);
        continue;
      }
      this.#window -= next.size;
      // back at the end of the line, which this walk comes to
      this.#ready.add(outgoing);
      this.now(next.frame);
      this.#sent(next.size);
      outgoing.tell();
    }
    for (const outgoing of starved) this.#ready.add(outgoing);
    this.#busy = false;
  }
}
