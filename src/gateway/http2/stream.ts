// One stream of a connection: what its two sides may still say, and the window the other end fills. RFC 9113 §5.1, §6.9.

import { kinds, lastWindow, writeFrame, writeHead, writeNumbers } from "./frames.ts";
import type { Fields } from "./head-reader.ts";
import type { HeadWriter } from "./head-writer.ts";
import { type Outbox, Outgoing } from "./outbox.ts";

/** Whoever hears a stream. Everything told here is attacker-controlled. */
export interface Hearer {
  /** A header block: a head, or trailers. `last`: nothing comes after it. */
  readonly fields: (fields: Fields, last: boolean) => void;
  /** May be empty. Counts against the window until `Stream.consume` gives it back. */
  readonly data: (chunk: Buffer, last: boolean) => void;
  /** It was broken off, by either end or with its connection. `untouched`: the other end says it did nothing with it. */
  readonly lost: (why: string, untouched: boolean) => void;
  /** There is room again, after `say` found none. */
  readonly drained: () => void;
  /** Everything said has gone. */
  readonly said: () => void;
}

const deaf: Hearer = {
  fields: () => undefined,
  data: () => undefined,
  lost: () => undefined,
  drained: () => undefined,
  said: () => undefined,
};

/** What a stream needs of its connection. */
export interface Carrying {
  readonly outbox: Outbox;
  readonly writer: HeadWriter;
  /** Both sides have ended, or it was reset. */
  readonly closed: () => void;
}

export class Stream {
  readonly id: number;
  readonly #outgoing: Outgoing;
  readonly #carrying: Carrying;
  readonly #window: number;
  /** What the other end may still send. */
  #credit: number;
  /** Consumed, and not yet given back. */
  #owed = 0;
  #localEnded = false;
  #remoteEnded = false;
  #closed = false;
  hearer: Hearer = deaf;

  constructor(id: number, windows: { readonly ours: number; readonly theirs: number }, carrying: Carrying) {
    this.id = id;
    this.#carrying = carrying;
    this.#window = windows.ours;
    this.#credit = windows.ours;
    this.#outgoing = new Outgoing(id, windows.theirs);
    this.#outgoing.onDrained = () => this.hearer.drained();
    this.#outgoing.onEnded = () => {
      this.#localEnded = true;
      this.hearer.said();
      this.#settle();
    };
  }

  get closed(): boolean {
    return this.#closed;
  }

  get remoteEnded(): boolean {
    return this.#remoteEnded;
  }

  get full(): boolean {
    return this.#outgoing.full;
  }

  /** `last`: nothing comes after it. */
  head(list: readonly string[], never: ReadonlySet<string>, last: boolean): number {
    if (this.#closed || this.#localEnded) return 0;
    const block = this.#carrying.writer.write(list, never);
    this.#carrying.outbox.now(writeHead(this.id, block, last));
    if (last) this.#outgoing.onEnded();
    return block.length;
  }

  /** False where no more shall be said for now. `done`: the memory is the caller's again. */
  say(chunk: Buffer, done?: () => void): boolean {
    if (this.#closed || this.#localEnded) {
      done?.();
      return true;
    }
    this.#outgoing.add(chunk, done);
    this.#carrying.outbox.wake(this.#outgoing);
    return !this.#outgoing.full;
  }

  /** The last of it, which may be empty, and trailers. */
  end(last: Buffer, trailers: readonly string[], never: ReadonlySet<string>): void {
    if (this.#closed || this.#localEnded) return;
    const block = trailers.length === 0 ? undefined : this.#carrying.writer.write(trailers, never);
    this.#outgoing.add(last);
    this.#outgoing.end(block === undefined ? undefined : writeHead(this.id, block, true));
    this.#carrying.outbox.wake(this.#outgoing);
  }

  /** So many octets have been used: as many more may come. */
  consume(size: number): void {
    this.#owed += size;
    if (this.#closed || this.#remoteEnded || this.#owed < this.#window / 2) return;
    this.#credit += this.#owed;
    this.#carrying.outbox.now(writeFrame(kinds.window, 0, this.id, writeNumbers(this.#owed)));
    this.#owed = 0;
  }

  /** From the connection: so much more is taken. False where that is more than there may be. */
  widen(more: number): boolean {
    this.#outgoing.window += more;
    this.#carrying.outbox.wake(this.#outgoing);
    return this.#outgoing.window <= lastWindow;
  }

  reset(code: number): void {
    if (this.#closed) return;
    const over = this.#localEnded && this.#remoteEnded;
    if (!over) this.#carrying.outbox.now(writeFrame(kinds.reset, 0, this.id, writeNumbers(code)));
    this.#close();
  }

  /** From the connection: its head was all of it. */
  endRemote(): void {
    this.#remoteEnded = true;
  }

  /** From the connection: a header block has come. */
  hearFields(fields: Fields, last: boolean): void {
    this.#remoteEnded ||= last;
    this.hearer.fields(fields, last);
    this.#settle();
  }

  /** From the connection. `size`: with its padding. False where it is more than the window took. */
  hearData(chunk: Buffer, size: number, last: boolean): boolean {
    this.#credit -= size;
    if (this.#credit < 0) return false;
    this.#remoteEnded ||= last;
    if (size > chunk.length) this.consume(size - chunk.length);
    this.hearer.data(chunk, last);
    this.#settle();
    return true;
  }

  /** From the connection: it is over before its time. */
  lose(why: string, untouched: boolean): void {
    if (this.#closed) return;
    this.#close();
    this.hearer.lost(why, untouched);
  }

  #settle(): void {
    if (this.#localEnded && this.#remoteEnded && !this.#closed) this.#close();
  }

  #close(): void {
    this.#closed = true;
    this.#carrying.outbox.forget(this.#outgoing);
    this.#carrying.closed();
  }
}
