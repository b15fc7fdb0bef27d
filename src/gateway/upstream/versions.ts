// Which version of HTTP an upstream speaks: asked of it by dialling it once, then remembered for the session.

import type { Socket } from "node:net";
import { TLSSocket } from "node:tls";
import type { HttpVersion } from "./dial.ts";

export class Versions {
  readonly #bound: number;
  readonly #known = new Map<string, HttpVersion>();
  readonly #asked = new Map<string, Promise<HttpVersion | undefined>>();

  constructor(bound: number) {
    this.#bound = bound;
  }

  /** `dial`: offers both; what it gives is kept by `keep`. Undefined where it cannot be reached: whoever asks for something is told so. */
  async of(
    key: string,
    dial: () => Promise<Socket>,
    keep: (socket: Socket, version: HttpVersion) => void,
  ): Promise<HttpVersion | undefined> {
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const asking = this.#asked.get(key) ?? this.#ask(key, dial, keep);
    this.#asked.set(key, asking);
    return asking;
  }

  /** What was said may not hold any more. */
  forget(key: string): void {
    this.#known.delete(key);
  }

  async #ask(
    key: string,
    dial: () => Promise<Socket>,
    keep: (socket: Socket, version: HttpVersion) => void,
  ): Promise<HttpVersion | undefined> {
    try {
      const socket = await dial();
      const version = spokenOn(socket);
      this.#remember(key, version);
      keep(socket, version);
      return version;
    } catch {
      return undefined;
    } finally {
      this.#asked.delete(key);
    }
  }

  #remember(key: string, version: HttpVersion): void {
    this.#known.set(key, version);
    if (this.#known.size <= this.#bound) return;
    for (const oldest of this.#known.keys()) {
      this.#known.delete(oldest);
      return;
    }
  }
}

/** What was agreed on in TLS (RFC 7301). */
export function spokenOn(socket: Socket): HttpVersion {
  return socket instanceof TLSSocket && socket.alpnProtocol === "h2" ? "h2" : "http/1.1";
}
