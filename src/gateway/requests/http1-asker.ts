// An asker that speaks HTTP/1.1, by the runtime's own server.

import type { IncomingMessage, ServerResponse } from "node:http";
import type { Readable } from "node:stream";
import { headerLines } from "../upstream/line.ts";
import type { ReplyHead } from "../upstream/reply-reader.ts";
import { type Arriving, type Asker, asLast } from "./asker.ts";

const nobody = (): void => undefined;

export class Http1Asker implements Asker, Arriving {
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  readonly version = "http/1.1";
  onClosed = nobody;
  onDrained = nobody;

  constructor(request: IncomingMessage, response: ServerResponse) {
    this.#request = request;
    this.#response = response;
    response.sendDate = false;
    // else the runtime adds Connection and Keep-Alive of its own
    response.removeHeader("connection");
    response.on("close", () => this.onClosed());
    response.on("drain", () => this.onDrained());
  }

  get arriving(): Arriving {
    return this;
  }

  get stream(): Readable {
    return this.#request;
  }

  get length(): string | undefined {
    return this.#request.headers["content-length"];
  }

  get none(): boolean {
    const { length } = this;
    return length === "0" || (length === undefined && this.#request.headers["transfer-encoding"] === undefined);
  }

  get complete(): boolean {
    return this.#request.complete;
  }

  /** The runtime's parser has seen to both. */
  get fault(): undefined {
    return undefined;
  }

  get trailers(): readonly string[] {
    return this.#request.rawTrailers;
  }

  get gone(): boolean {
    return this.#response.destroyed;
  }

  get told(): boolean {
    return this.#response.headersSent;
  }

  get full(): boolean {
    return this.#response.writableNeedDrain;
  }

  parting(status: number, last: boolean): readonly string[] {
    // RFC 9110 §15.5.22: a 426 says what is spoken instead
    if (status === 426) return ["Upgrade", "HTTP/1.1", "Connection", "upgrade, close"];
    return last ? ["Connection", "close"] : [];
  }

  invite(): void {
    this.#response.writeContinue();
  }

  inform({ status, reason, headers }: ReplyHead): void {
    this.#response.socket?.write(`HTTP/1.1 ${status} ${reason}\r\n${headerLines(headers)}\r\n`, "latin1");
  }

  begin({ status, reason, headers }: ReplyHead): boolean {
    try {
      // behind an offer to change the protocol the parser reads nothing more, taken or not
      const last = this.#request.headers.upgrade !== undefined;
      this.#response.writeHead(status, reason, [...(last ? asLast(headers) : headers)]);
      return true;
    } catch {
      return false;
    }
  }

  flush(): void {
    this.#response.flushHeaders();
  }

  write(chunk: Buffer): boolean {
    return this.#response.write(chunk);
  }

  end(last: Buffer, trailers: readonly string[]): void {
    if (trailers.length > 0 && this.#response.chunkedEncoding) this.#response.addTrailers(pairs(trailers));
    if (last.length > 0) this.#response.end(last);
    else this.#response.end();
  }

  breakOff(): void {
    this.#response.destroy();
  }
}

function pairs(headers: readonly string[]): [string, string][] {
  const out: [string, string][] = [];
  for (let at = 0; at < headers.length; at += 2) out.push([headers[at] ?? "", headers[at + 1] ?? ""]);
  return out;
}
