// An asker that wants its connection to become a WebSocket. The runtime lets go of such a connection, so what it is told is written
// here: the answer of HTTP/1.1 where there is none, and then the connection ends; else the switch, and the connection itself.

import { type Duplex, Readable } from "node:stream";
import { headerLines } from "../upstream/line.ts";
import { type ReplyHead, valuesOf } from "../upstream/reply-reader.ts";
import { type Arriving, type Asker, asLast } from "./asker.ts";

const nobody = (): void => undefined;
const nothing = Buffer.alloc(0);

export class UpgradeAsker implements Asker {
  readonly #socket: Duplex;
  readonly version = "http/1.1";
  readonly arriving: Arriving;
  onClosed = nobody;
  onDrained = nobody;
  told = false;
  #head: ReplyHead | undefined;
  /** The body goes in chunks. */
  #chunked = false;
  readonly #closed = (): void => this.onClosed();
  readonly #drained = (): void => this.onDrained();

  readonly #behind: () => void;

  /** `socket`: with everything that came behind the head still in it; `behind`: told once where nobody will read that. */
  constructor(socket: Duplex, behind: () => void) {
    this.#socket = socket;
    this.#behind = behind;
    this.arriving = {
      stream: Readable.from([]),
      length: undefined,
      none: true,
      complete: true,
      fault: undefined,
      trailers: [],
    };
    socket.on("close", this.#closed).on("drain", this.#drained);
  }

  get gone(): boolean {
    return this.#socket.destroyed;
  }

  get full(): boolean {
    return this.#socket.writableNeedDrain;
  }

  parting(status: number): readonly string[] {
    // RFC 9110 §15.5.22: a 426 says what is spoken instead
    return status === 426 ? ["Upgrade", "HTTP/1.1", "Connection", "upgrade, close"] : ["Connection", "close"];
  }

  invite(): void {
    this.inform({ status: 100, reason: "Continue", headers: [] });
  }

  inform(head: ReplyHead): void {
    this.#socket.write(writeHead(head), "latin1");
  }

  begin(head: ReplyHead): boolean {
    this.#head = { ...head, headers: asLast(head.headers) };
    this.told = true;
    this.#chunked = valuesOf(head.headers, "transfer-encoding").length > 0;
    return true;
  }

  flush(): void {
    const head = this.#head;
    this.#head = undefined;
    if (head !== undefined) this.#socket.write(writeHead(head), "latin1");
  }

  write(chunk: Buffer): boolean {
    this.flush();
    if (chunk.length === 0) return !this.full;
    if (!this.#chunked) return this.#socket.write(chunk);
    this.#socket.write(`${chunk.length.toString(16)}\r\n`, "latin1");
    this.#socket.write(chunk);
    return this.#socket.write("\r\n");
  }

  end(last: Buffer, trailers: readonly string[]): void {
    this.write(last);
    if (this.#chunked) this.#socket.write(`0\r\n${headerLines(trailers)}\r\n`, "latin1");
    this.#socket.end(nothing);
    // it may go on sending what nobody reads
    this.#socket.once("data", this.#behind).resume();
  }

  breakOff(): void {
    this.#socket.destroy();
  }

  /** 101: from here on the connection is a WebSocket's. */
  switched(head: ReplyHead): Duplex {
    this.#socket.write(writeHead(head), "latin1");
    this.told = true;
    this.#socket.off("close", this.#closed).off("drain", this.#drained);
    return this.#socket;
  }
}

function writeHead({ status, reason, headers }: ReplyHead): string {
  return `HTTP/1.1 ${status} ${reason}\r\n${headerLines(headers)}\r\n`;
}
