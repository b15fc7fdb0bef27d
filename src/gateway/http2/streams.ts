// The streams of one connection: which there are, which could still be, and what the other end takes of each. RFC 9113 §5.1.1.

import { firstWindow, lastWindow } from "./frames.ts";
import type { HeadWriter } from "./head-writer.ts";
import type { Outbox } from "./outbox.ts";
import { Stream } from "./stream.ts";

export interface StreamsOptions {
  readonly role: "server" | "client";
  /** Window of a new stream, as we take it. */
  readonly window: number;
  readonly outbox: Outbox;
  readonly writer: HeadWriter;
}

export class Streams {
  readonly #options: StreamsOptions;
  readonly #open = new Map<number, Stream>();
  /** Window of a new stream, as the other end takes it. */
  #theirWindow = firstWindow;
  #next = 1;
  /** How many the other end takes at once; until it said so, what everybody takes. */
  most = 100;
  /** The last one the other end opened. */
  last = 0;

  constructor(options: StreamsOptions) {
    this.#options = options;
  }

  get count(): number {
    return this.#open.size;
  }

  /** How many more the other end takes; numbers run out as well (§5.1.1). */
  get room(): number {
    return this.#next < lastWindow ? Math.max(0, this.most - this.#open.size) : 0;
  }

  get(id: number): Stream | undefined {
    return this.#open.get(id);
  }

  all(): readonly Stream[] {
    return [...this.#open.values()];
  }

  /** Nobody has opened it yet. There are no pushes, so all that are opened are a client's, and odd. */
  isIdle(id: number): boolean {
    return id % 2 === 0 || id >= (this.#options.role === "server" ? this.last + 1 : this.#next);
  }

  /** A client's own. */
  open(): Stream {
    this.#next += 2;
    return this.#begin(this.#next - 2);
  }

  /** At a server: the other end's. */
  accept(id: number): Stream {
    this.last = id;
    return this.#begin(id);
  }

  /** New streams and old ones alike. False where a window became too large. */
  resize(window: number): boolean {
    const more = window - this.#theirWindow;
    this.#theirWindow = window;
    return this.all().every((stream) => stream.widen(more));
  }

  #begin(id: number): Stream {
    const { outbox, writer, window } = this.#options;
    const closed = (): void => void this.#open.delete(id);
    const stream = new Stream(id, { ours: window, theirs: this.#theirWindow }, { outbox, writer, closed });
    this.#open.set(id, stream);
    return stream;
  }
}
