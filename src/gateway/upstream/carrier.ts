// One connection to an upstream that speaks HTTP/2, for many requests at once: the socket, and what HTTP/2 makes of it. Kept
// while it is used, and some time after.

import type { Socket } from "node:net";
import { Connection, type Owner } from "../http2/connection.ts";
import { writeTogether } from "../http2/transport.ts";
import type { Limits } from "../limits.ts";
import { Http2Line } from "./http2-line.ts";

export class Carrier implements Owner {
  readonly #socket: Socket;
  readonly #limits: Limits;
  readonly #connection: Connection;
  readonly write: (bytes: Buffer) => boolean;
  /** Lines that were taken and have not sent yet. */
  #promised = 0;
  /** Called once when it is of no more use. */
  onClosed: () => void = () => undefined;

  constructor(socket: Socket, limits: Limits, clock: () => number) {
    this.#socket = socket;
    this.#limits = limits;
    this.write = writeTogether(socket);
    this.#connection = new Connection({ role: "client", limits, clock }, this);
    socket.setNoDelay(true);
    socket.on("data", (chunk: Buffer) => this.#connection.receive(chunk));
    socket.resume();
    socket.on("drain", () => this.#connection.drained());
    socket.on("timeout", () => this.#retire());
    socket.on("error", (error) => this.#connection.ended(error.message));
    socket.on("close", () => {
      this.#connection.ended("the connection was closed");
      this.onClosed();
    });
    this.#rest();
  }

  /** Does it take another request? */
  get roomy(): boolean {
    return this.#connection.room > this.#promised && this.#socket.writable;
  }

  get idle(): boolean {
    return this.#connection.streams + this.#promised === 0;
  }

  /** Only where it is roomy. */
  take(): Http2Line {
    this.#promised += 1;
    const kept = (): void => {
      this.#promised -= 1;
    };
    return new Http2Line(this.#connection, this.#limits, { kept, settled: () => this.#rest() });
  }

  destroy(): void {
    this.#socket.destroy();
  }

  /** No upstream opens a stream here: the connection ends with the attempt. */
  opened(): boolean {
    return false;
  }

  failed(): void {
    this.#socket.end();
    setTimeout(() => this.#socket.destroy(), this.#limits.opening).unref();
  }

  leaving(): void {
    if (this.idle) this.#socket.end();
  }

  /** Between two requests: kept for some time, or given up where it takes no more. */
  #rest(): void {
    if (!this.idle) this.#socket.setTimeout(0);
    else if (this.#connection.room > 0) this.#socket.setTimeout(this.#limits.carrierIdle);
    else this.#retire();
  }

  #retire(): void {
    if (!this.idle) return;
    this.#connection.leave();
    this.#socket.end();
  }
}
