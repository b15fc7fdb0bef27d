// One connection to an upstream that speaks HTTP/1.1, one request after the other: writes the head byte for byte as it came, the
// body, reads the reply.

import type { Socket } from "node:net";
import type { RequestHead } from "../../domain/exchange.ts";
import type { Limits } from "../limits.ts";
import type { Body } from "../requests/body.ts";
import { headerLines, type Incoming, type Line, type Outgoing } from "./line.ts";
import { type ReplyHead, ReplyReader } from "./reply-reader.ts";

/** Above this, head and body are not copied together. */
const joined = 16_384;

export class Http1Line implements Line {
  readonly #socket: Socket;
  readonly #limits: Limits;
  #reader: ReplyReader | undefined;
  #incoming: Incoming | undefined;
  #sent = false;
  #answered = false;
  #used = 0;
  /** The socket is another protocol's. */
  #left = false;
  readonly #onData = (chunk: Buffer): void => this.#read(chunk);
  readonly #onEnd = (): void => this.#ended();
  /** Called once when the line is of no more use. */
  onClosed: () => void = () => undefined;
  /** Called when it may take another request. */
  onIdle: () => void = () => undefined;

  constructor(socket: Socket, limits: Limits) {
    this.#socket = socket;
    this.#limits = limits;
    socket.setNoDelay(true);
    socket.on("data", this.#onData);
    // a tunnel comes stopped, so that nothing in it was lost
    socket.resume();
    socket.on("end", this.#onEnd);
    socket.on("error", (error) => this.#break(error.message));
    socket.on("timeout", () => this.#break("the upstream was silent for too long"));
    socket.on("close", () => {
      this.#break("the connection was closed");
      this.onClosed();
    });
  }

  get usable(): boolean {
    return (
      this.#incoming === undefined && !this.#socket.destroyed && this.#socket.writable && !this.#socket.readableEnded
    );
  }

  /** Only on a usable line. */
  send(outgoing: Outgoing, incoming: Incoming): number {
    this.#incoming = incoming;
    this.#sent = false;
    this.#answered = false;
    this.#used += 1;
    this.#socket.setTimeout(this.#limits.replyTime);
    this.#reader = new ReplyReader(outgoing.head.method, {
      informational: (head) => incoming.informational(head),
      head: (head) => {
        this.#socket.setTimeout(this.#limits.replySilence);
        incoming.head(head);
      },
      data: (chunk) => {
        if (!incoming.data(chunk)) this.#socket.pause();
      },
      end: (trailers) => this.#finish(trailers),
      ...(isUpgrade(outgoing) ? { switched: (head: ReplyHead) => this.#leave(head) } : {}),
    });
    return this.#write(outgoing);
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  /** Idle: kept for so long (ms), then closed. */
  rest(time: number): void {
    this.#socket.setTimeout(time);
  }

  giveBack(): void {
    this.onIdle();
  }

  destroy(): void {
    this.#incoming = undefined;
    this.#socket.destroy();
  }

  #write(outgoing: Outgoing): number {
    const { body } = outgoing;
    const head = headOf(outgoing.head);
    const chunked = isChunked(outgoing);
    if (body.size === 0 && !chunked) {
      this.#socket.write(head, "latin1");
      this.#sent = true;
    } else if (body.bytes !== undefined && !chunked) {
      this.#writeWhole(head, body.bytes, body.keep);
      this.#sent = true;
    } else {
      this.#pour(outgoing, head).catch((error: unknown) => this.#break(String(error)));
    }
    return head.length;
  }

  #writeWhole(head: string, bytes: Buffer, keep: Body["keep"]): void {
    if (bytes.length <= joined) {
      const whole = Buffer.allocUnsafe(head.length + bytes.length);
      whole.write(head, 0, "latin1");
      bytes.copy(whole, head.length);
      this.#socket.write(whole);
      return;
    }
    this.#socket.write(head, "latin1");
    this.#socket.write(bytes, keep());
  }

  /** A spooled or chunked body, piece by piece, at the upstream's pace. */
  async #pour(outgoing: Outgoing, head: string): Promise<void> {
    const { body, trailers } = outgoing;
    const chunked = isChunked(outgoing);
    const mine = this.#incoming;
    const going = () => this.#incoming === mine && !this.#socket.destroyed;
    this.#socket.write(head, "latin1");
    for await (const chunk of body.chunks()) {
      if (!going()) return;
      if (chunked) this.#socket.write(`${chunk.length.toString(16)}\r\n`, "latin1");
      this.#socket.write(chunk, body.keep());
      if (chunked) this.#socket.write("\r\n", "latin1");
      if (this.#socket.writableNeedDrain) await drained(this.#socket);
    }
    if (!going()) return;
    if (chunked) this.#socket.write(`0\r\n${headerLines(trailers)}\r\n`, "latin1");
    this.#sent = true;
  }

  #read(chunk: Buffer): void {
    const incoming = this.#incoming;
    // bytes nobody asked for: not a connection to be used again
    if (incoming === undefined || this.#reader === undefined) return void this.#socket.destroy();
    this.#answered = true;
    const fault = this.#reader.push(chunk);
    if (this.#left) return;
    if (fault !== undefined) this.#break(fault);
    else if (this.#incoming === incoming) incoming.flush();
    else if (!this.#reader.keep || !this.#sent) this.#socket.destroy();
    else this.onIdle();
  }

  #finish(trailers: readonly string[]): void {
    const incoming = this.#incoming;
    this.#incoming = undefined;
    // it may have been stopped for a slow reader; an idle line must see its own end
    this.#socket.resume();
    incoming?.end(trailers);
  }

  /** The connection is another protocol's from here on, with what has come of it. */
  #leave(head: ReplyHead): void {
    const incoming = this.#incoming;
    const rest = this.#reader?.rest;
    this.#left = true;
    this.#incoming = undefined;
    this.#socket.off("data", this.#onData).off("end", this.#onEnd).setTimeout(0);
    this.#socket.pause();
    if (rest !== undefined && rest.length > 0) this.#socket.unshift(rest);
    incoming?.switched(head, this.#socket);
  }

  #ended(): void {
    if (this.#incoming === undefined) return void this.#socket.destroy();
    const fault = this.#reader?.finish();
    if (fault === undefined) this.#socket.destroy();
    else this.#break(fault);
  }

  #break(why: string): void {
    const incoming = this.#incoming;
    this.#incoming = undefined;
    this.#socket.destroy();
    // a kept one that turns out closed, with not one byte of a reply
    incoming?.broken(why, this.#used > 1 && !this.#answered ? "harmless" : "never");
  }
}

function isUpgrade({ form }: Outgoing): boolean {
  return form.kind === "http/1.1" && form.webSocket;
}

/** Does the body go in chunks, as it came? */
function isChunked({ form }: Outgoing): boolean {
  return form.kind === "http/1.1" && form.chunked;
}

function headOf({ method, target, headers }: RequestHead): string {
  return `${method} ${target} HTTP/1.1\r\n${headerLines(headers)}\r\n`;
}

function drained(socket: Socket): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const done = (): void => {
    socket.off("drain", done).off("close", done);
    resolve();
  };
  socket.on("drain", done).on("close", done);
  return promise;
}
