// One request on a connection of HTTP/2, and its reply: fields in the order they came, the body at the upstream's pace, the reply
// at the tool's.

import type { Connection } from "../http2/connection.ts";
import { codes } from "../http2/frames.ts";
import type { Fields } from "../http2/head-reader.ts";
import type { Hearer, Stream } from "../http2/stream.ts";
import type { Limits } from "../limits.ts";
import { Http2Reply } from "./http2-reply.ts";
import type { Again, Incoming, Line, Outgoing } from "./line.ts";

const nothing = Buffer.alloc(0);
const none: ReadonlySet<string> = new Set();

/** What the connection wants to know of a line it lent. */
export interface Taken {
  /** It has its stream, or does not want one any more. */
  readonly kept: () => void;
  /** Its stream has begun, or is over. */
  readonly settled: () => void;
}

export class Http2Line implements Line, Hearer {
  readonly #connection: Connection;
  readonly #limits: Limits;
  readonly #taken: Taken;
  #stream: Stream | undefined;
  #incoming: Incoming | undefined;
  #reply: Http2Reply | undefined;
  /** The tool takes no more for now; what came meanwhile is not given back. */
  #paused = false;
  /** Its body is on its way, from memory that is kept until it is out. */
  #lasting = false;
  #unread = 0;
  #timer: NodeJS.Timeout | undefined;
  #wake: () => void = () => undefined;

  constructor(connection: Connection, limits: Limits, taken: Taken) {
    this.#connection = connection;
    this.#limits = limits;
    this.#taken = taken;
  }

  send(outgoing: Outgoing, incoming: Incoming): number {
    const { head, form, body, trailers } = outgoing;
    this.#incoming = incoming;
    this.#taken.kept();
    if (this.#connection.room === 0) {
      queueMicrotask(() => this.#break("the upstream takes no more on this connection", "untouched"));
      return 0;
    }
    this.#reply = new Http2Reply(head.method, this.#limits, this.#eventsFor(incoming));
    const stream = this.#connection.open();
    stream.hearer = this;
    this.#stream = stream;
    this.#taken.settled();
    this.#wait(this.#limits.replyTime);
    const { pseudo, never } = form.kind === "h2" ? form : { pseudo: [], never: none };
    const bare = body.size === 0 && trailers.length === 0;
    const size = stream.head([...pseudo, ...head.headers], never, bare);
    this.#lasting = !bare && body.bytes !== undefined;
    if (!bare) this.#pour(outgoing, stream).catch((error: unknown) => this.#break(String(error), "never"));
    return size;
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    const unread = this.#unread;
    this.#unread = 0;
    this.#stream?.consume(unread);
  }

  giveBack(): void {
    this.#taken.kept();
    this.#taken.settled();
  }

  destroy(): void {
    this.#incoming = undefined;
    this.#end();
  }

  // what the stream tells

  fields(fields: Fields, last: boolean): void {
    this.#went(this.#reply?.fields(fields, last));
  }

  data(chunk: Buffer, last: boolean): void {
    if (this.#incoming === undefined) return;
    this.#wait(this.#limits.replySilence);
    this.#unread += chunk.length;
    this.#went(this.#reply?.data(chunk, last));
    if (!this.#paused) this.resume();
  }

  lost(why: string, untouched: boolean): void {
    this.#break(why, untouched ? "untouched" : "never");
  }

  drained(): void {
    this.#wake();
  }

  said(): void {
    this.#lasting = false;
    this.#wake();
    if (this.#incoming === undefined) this.#end();
  }

  #eventsFor(incoming: Incoming) {
    return {
      informational: incoming.informational.bind(incoming),
      head: incoming.head.bind(incoming),
      data: (chunk: Buffer): void => {
        if (!incoming.data(chunk)) this.#paused = true;
      },
      end: (trailers: readonly string[]): void => {
        this.#incoming = undefined;
        // an answer that came before the body was out may want the rest of it; a spool's is gone with the exchange
        if (!this.#lasting) this.#end();
        incoming.end(trailers);
      },
    };
  }

  /** A portion of the reply has been read through. */
  #went(fault: string | undefined): void {
    if (fault !== undefined) this.#break(fault, "never");
    else this.#incoming?.flush();
  }

  /** At the upstream's pace, from memory or from a spool. */
  async #pour({ body, trailers }: Outgoing, stream: Stream): Promise<void> {
    for await (const chunk of body.chunks()) {
      if (stream.closed) return;
      // it waits for us, not we for it
      this.#wait(this.#limits.replyTime);
      if (!stream.say(chunk, body.keep())) await this.#drained(stream);
    }
    stream.end(nothing, trailers, none);
  }

  #drained(stream: Stream): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#wake = resolve;
    return stream.closed || !stream.full ? Promise.resolve() : promise;
  }

  #wait(time: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#break("the upstream was silent for too long", "never"), time).unref();
  }

  #break(why: string, again: Again): void {
    const incoming = this.#incoming;
    this.#incoming = undefined;
    this.#end();
    incoming?.broken(why, again);
  }

  /** Whatever of it is still under way, nobody waits for. */
  #end(): void {
    clearTimeout(this.#timer);
    this.#stream?.reset(codes.cancel);
    this.#wake();
    this.#taken.settled();
  }
}
