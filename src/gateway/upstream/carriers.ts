// Connections of HTTP/2 that are open, by the place and grant they were opened for. Requests that come while one is being opened
// wait for it, so that a burst makes one connection.

import type { Socket } from "node:net";
import type { Limits } from "../limits.ts";
import { Carrier } from "./carrier.ts";
import type { Http2Line } from "./http2-line.ts";

export class Carriers {
  readonly #limits: Limits;
  readonly #clock: () => number;
  readonly #open = new Map<string, Carrier[]>();
  readonly #opening = new Map<string, Promise<Carrier>>();

  constructor(limits: Limits, clock: () => number) {
    this.#limits = limits;
    this.#clock = clock;
  }

  adopt(key: string, socket: Socket): Carrier {
    const carrier = new Carrier(socket, this.#limits, this.#clock);
    const carriers = this.#open.get(key) ?? [];
    this.#open.set(key, carriers);
    carriers.push(carrier);
    carrier.onClosed = () => {
      carriers.splice(carriers.indexOf(carrier), 1);
      if (carriers.length === 0) this.#open.delete(key);
    };
    return carrier;
  }

  /** `fresh`: not on a kept one. Rejects as `dial` does. */
  async take(key: string, fresh: boolean, dial: () => Promise<Socket>): Promise<Http2Line> {
    if (fresh) return this.adopt(key, await dial()).take();
    const kept = this.#open.get(key)?.find(({ roomy }) => roomy);
    if (kept !== undefined) return kept.take();
    const carrier = await (this.#opening.get(key) ?? this.#begin(key, dial));
    return carrier.roomy ? carrier.take() : this.take(key, fresh, dial);
  }

  /** Makes room by closing one that rests. */
  dropOne(): boolean {
    for (const carriers of this.#open.values()) {
      const idle = carriers.find((carrier) => carrier.idle);
      idle?.destroy();
      if (idle !== undefined) return true;
    }
    return false;
  }

  #begin(key: string, dial: () => Promise<Socket>): Promise<Carrier> {
    const opening = dial()
      .then((socket) => this.adopt(key, socket))
      .finally(() => this.#opening.delete(key));
    this.#opening.set(key, opening);
    return opening;
  }
}
