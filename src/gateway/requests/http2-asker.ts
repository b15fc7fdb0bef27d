// An asker that speaks HTTP/2: one stream of a connection. What it sends is held back by its window while nobody reads.

import { Readable } from "node:stream";
import { splitFields } from "../http2/field-rules.ts";
import { codes } from "../http2/frames.ts";
import type { Fields } from "../http2/head-reader.ts";
import type { Hearer, Stream } from "../http2/stream.ts";
import type { ReplyHead } from "../upstream/reply-reader.ts";
import type { Arriving, Asker } from "./asker.ts";

const nobody = (): void => undefined;
const none: ReadonlySet<string> = new Set();

export interface Told {
  readonly method: string;
  /** Content-Length, as it was told. */
  readonly length: string | undefined;
  /** Its head is all of it. */
  readonly bodiless: boolean;
}

export class Http2Asker implements Asker, Arriving, Hearer {
  readonly #stream: Stream;
  readonly #told: Told;
  readonly version = "h2";
  readonly stream: Readable;
  onClosed = nobody;
  onDrained = nobody;
  trailers: readonly string[] = [];
  complete: boolean;
  fault: Arriving["fault"];
  gone = false;
  told = false;
  /** A head that waits for what follows it. */
  #head: ReplyHead | undefined;
  /** Octets of the body so far, and those of them nobody has read. */
  #size = 0;
  #unread = 0;

  constructor(stream: Stream, told: Told) {
    this.#stream = stream;
    this.#told = told;
    this.complete = told.bodiless;
    this.stream = new Readable({ read: () => this.#giveBack() });
    // one that is broken off ends; whoever reads sees it close
    this.stream.on("error", nobody);
  }

  get arriving(): Arriving {
    return this;
  }

  get length(): string | undefined {
    return this.#told.length;
  }

  get none(): boolean {
    return this.#told.bodiless;
  }

  get full(): boolean {
    return this.#stream.full;
  }

  /** It has had its time for the body. */
  expire(): void {
    if (!this.complete) this.#stop("late");
  }

  // what the stream tells

  fields({ list, long }: Fields, last: boolean): void {
    const split = splitFields(list, []);
    if (!last || long || typeof split === "string") this.#stop("misframed");
    else {
      this.trailers = split.headers;
      this.#finish();
    }
  }

  data(chunk: Buffer, last: boolean): void {
    if (this.fault !== undefined) return;
    this.#size += chunk.length;
    if (this.#size > Number(this.length ?? Number.POSITIVE_INFINITY)) {
      this.#stop("misframed");
      return;
    }
    if (chunk.length > 0) {
      this.#unread += chunk.length;
      this.stream.push(chunk);
    }
    if (last) this.#finish();
  }

  lost(): void {
    this.#leave();
  }

  drained(): void {
    this.onDrained();
  }

  said(): void {
    // what it may still send, nobody reads (RFC 9113 §8.1)
    if (!this.#stream.remoteEnded) this.#stream.reset(codes.none);
    this.#leave();
  }

  // what it is told

  /** HTTP/2 says by itself what goes on after an answer. */
  parting(): readonly string[] {
    return [];
  }

  invite(): void {
    this.inform({ status: 100, reason: "", headers: [] });
  }

  inform(head: ReplyHead): void {
    this.#stream.head(listOf(head), head.never ?? none, false);
  }

  begin(head: ReplyHead): boolean {
    this.#head = head;
    this.told = true;
    return true;
  }

  flush(): void {
    const head = this.#head;
    this.#head = undefined;
    if (head !== undefined) this.#stream.head(listOf(head), head.never ?? none, false);
  }

  write(chunk: Buffer): boolean {
    this.flush();
    return this.#stream.say(chunk);
  }

  end(last: Buffer, trailers: readonly string[]): void {
    const head = this.#head;
    const rest = this.#told.method === "HEAD" ? last.subarray(0, 0) : last;
    if (head !== undefined && rest.length === 0 && trailers.length === 0) {
      this.#head = undefined;
      this.#stream.head(listOf(head), head.never ?? none, true);
      return;
    }
    this.flush();
    this.#stream.end(rest, trailers, none);
  }

  breakOff(): void {
    this.#stream.reset(codes.internal);
    this.#leave();
  }

  #giveBack(): void {
    const used = this.#unread;
    this.#unread = 0;
    this.#stream.consume(used);
  }

  #finish(): void {
    if (this.length !== undefined && this.#size !== Number(this.length)) {
      this.#stop("misframed");
      return;
    }
    this.complete = true;
    this.stream.push(null);
  }

  /** Nothing more of it is read; it can still be told. */
  #stop(fault: Exclude<Arriving["fault"], undefined>): void {
    if (this.fault !== undefined) return;
    this.fault = fault;
    this.stream.push(null);
  }

  #leave(): void {
    if (this.gone) return;
    this.gone = true;
    this.stream.destroy();
    this.onClosed();
  }
}

function listOf({ status, headers }: ReplyHead): readonly string[] {
  const list = [":status", String(status)];
  // of our own answers, in HTTP/1.1's writing; one from upstream has them so already
  for (let at = 0; at < headers.length; at += 2) list.push((headers[at] ?? "").toLowerCase(), headers[at + 1] ?? "");
  return list;
}
